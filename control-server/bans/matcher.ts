/** One ban against one speaker. */
import type { Scope } from '../command.js';
import { authorKey, foldName } from './fold.js';
import { matchesGlob } from './glob.js';
import { isWithin, parseAddress, parseRange } from './ip.js';
import { compileText } from './text-pattern.js';
import type { Match, Speaker } from './types.js';

/** `text`: plain. */
export type Matcher = (speaker: Speaker, text: string) => boolean;

/** The person behind an author, or null. */
export type IdentityOf = (author: string) => string | null;

/** Never throws for a match that `parseMatch` let through. */
export function compileMatch(match: Match, identityOf: IdentityOf): Matcher {
  switch (match.by) {
    case 'author': {
      const key = authorKey(match.author);
      return ({ author }) => authorKey(author) === key;
    }
    case 'identity':
      return ({ author }) => identityOf(author) === match.identity;
    case 'mask': {
      const folded = foldName(match.mask);
      return ({ mask }) => mask !== null && matchesGlob(folded, foldName(mask));
    }
    case 'nick': {
      const folded = foldName(match.glob);
      return ({ name }) => matchesGlob(folded, foldName(name));
    }
    case 'ip': {
      const range = parseRange(match.range);
      return ({ address }) => {
        const bytes = address === null ? null : parseAddress(address);
        return range !== null && bytes !== null && isWithin(bytes, range);
      };
    }
    case 'text': {
      const pattern = compileText(match.pattern);
      return (_, text) => text !== '' && pattern.test(text);
    }
  }
}

/** What is said there is in the scope. */
export function isInScope(scope: Scope, { network, room }: Speaker): boolean {
  return (
    (scope.network === null || scope.network === network) && (scope.room === null || scope.room === room)
  );
}

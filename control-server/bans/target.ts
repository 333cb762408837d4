/** Whom or what the words of `ban` mean. */
import { CommandError } from '../command.js';
import { quoted } from './describe.js';
import { hasWildcard } from './glob.js';
import { parseRange } from './ip.js';
import type { IdentityOf } from './matcher.js';
import { GLOB, MASK } from './stored.js';
import { patternFault } from './text-pattern.js';
import type { Match, Seen, Speaker } from './types.js';

export interface Target {
  readonly match: Match;
  /** An author it was made from; null: it is a pattern. */
  readonly author: string | null;
  readonly seen: Seen | null;
  /** May hit others than who is meant. */
  readonly isWide: boolean;
}

export type Kinds = 'nick' | 'text' | 'mask' | 'ip';

export interface TargetSources {
  /** Those who spoke lately under this name. */
  readonly named: (name: string) => Promise<readonly Speaker[]>;
  /** How this author spoke last; null: not lately. */
  readonly seen: (author: string) => Promise<Speaker | null>;
  readonly identityOf: IdentityOf;
}

/** `kind`: as the flags say; null: by what the word looks like. Throws CommandError. */
export async function targetOfWord(
  word: string,
  kind: Kinds | null,
  sources: TargetSources,
): Promise<Target> {
  if (kind === 'text') return pattern({ by: 'text', pattern: textPattern(word) });
  if (kind === 'nick') return pattern({ by: 'nick', glob: nickGlob(word) });
  if (kind === 'ip' || (kind === null && parseRange(word) !== null))
    return pattern({ by: 'ip', range: ipRange(word) });
  if (kind === null && isAuthorId(word)) return ofAuthor(word, await sources.seen(word), sources.identityOf);
  if (kind === 'mask' || word.includes('!')) return pattern({ by: 'mask', mask: hostmask(word) });
  return ofSpeaker(await oneNamed(word, sources), sources.identityOf);
}

function pattern(match: Match): Target {
  return { match, author: null, seen: null, isWide: true };
}

function textPattern(word: string): string {
  const fault = patternFault(word);
  if (fault !== null) throw new CommandError(fault);
  return word;
}

function nickGlob(word: string): string {
  if (GLOB.test(word)) return word;
  throw new CommandError(
    'That is no pattern for nicks. Write one word of at most 200 characters, such as "spam*".',
  );
}

function ipRange(word: string): string {
  if (parseRange(word) !== null) return word;
  throw new CommandError(
    `${quoted(word)} is no IP address. Write one such as 192.0.2.7, or a range such as 192.0.2.0/24.`,
  );
}

function hostmask(word: string): string {
  if (MASK.test(word)) return word;
  throw new CommandError(
    `${quoted(word)} is no hostmask. Write nick!user@host with * and ?, such as *!*@host.example.`,
  );
}

/** `irc:quakenet:account:bob`, `http:portal:bob`: bridge, network, and what names somebody there. */
function isAuthorId(word: string): boolean {
  return /^[a-z][a-z0-9-]*:[^:\s]+:\S+$/.test(word);
}

function ofAuthor(author: string, speaker: Speaker | null, identityOf: IdentityOf): Target {
  const identity = identityOf(author);
  const match: Match = identity === null ? { by: 'author', author } : { by: 'identity', identity, author };
  return { match, author, seen: speaker === null ? null : seenAs(speaker), isWide: false };
}

/** Whom no account vouches for is met by address: a nick is changed in a second. */
function ofSpeaker(speaker: Speaker, identityOf: IdentityOf): Target {
  const { author, verified, mask } = speaker;
  const byHost = mask === null ? null : hostOnly(mask);
  if (verified || byHost === null || identityOf(author) !== null)
    return ofAuthor(author, speaker, identityOf);
  return { match: { by: 'mask', mask: byHost }, author, seen: seenAs(speaker), isWide: true };
}

function hostOnly(mask: string): string | null {
  const host = mask.slice(mask.lastIndexOf('@') + 1);
  const wide = `*!*@${host}`;
  return mask.includes('@') && !hasWildcard(host) && MASK.test(wide) ? wide : null;
}

function seenAs({ network, name, mask }: Speaker): Seen | null {
  return network === null ? null : { network, nick: name, mask };
}

async function oneNamed(word: string, { named, identityOf }: TargetSources): Promise<Speaker> {
  const found = await named(word);
  const persons = new Map(found.map((speaker) => [identityOf(speaker.author) ?? speaker.author, speaker]));
  const [speaker] = persons.values();
  if (speaker === undefined) {
    throw new CommandError(
      `Nobody called ${quoted(word)} said anything lately. Write their author id (irc:network:account:name), or --nick to match that name.`,
    );
  }
  if (persons.size === 1) return speaker;
  const ids = [...persons.values()].slice(0, 5).map(({ author }) => author);
  throw new CommandError(`Several people are called ${quoted(word)}. Write which: ${ids.join(' or ')}.`);
}

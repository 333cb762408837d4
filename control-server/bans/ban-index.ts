/**
 * The bans in force, arranged so that a line asks few of them.
 *
 * Problem: every line of every room is asked against all bans. Idea: what is exact (an author, an identity, a whole mask,
 * `*!*@host`, a name, the addresses of one range length) is one look into a map, however many there are; only globs and
 * text patterns are asked one after the other. What it cannot do: make those cheaper than one call each.
 */

import { authorKey, foldName } from './fold.js';
import { hasWildcard, matchesGlob } from './glob.js';
import { parseAddress, parseRange, rangeKey } from './ip.js';
import type { IdentityOf } from './matcher.js';
import type { TextBudget } from './text-pattern.js';
import { compileText, type TextPattern } from './text-pattern.js';
import type { Ban, Match, Speaker } from './types.js';

type Group = Map<string, Ban>;

interface Glob {
  readonly ban: Ban;
  readonly folded: string;
}

interface Pattern {
  readonly ban: Ban;
  readonly pattern: TextPattern;
}

export class BanIndex {
  readonly #identityOf: IdentityOf;
  readonly #budget: TextBudget;
  readonly #authors = new Map<string, Group>();
  readonly #identities = new Map<string, Group>();
  readonly #masks = new Map<string, Group>();
  readonly #hosts = new Map<string, Group>();
  readonly #nicks = new Map<string, Group>();
  /** By bytes of the address and bits of the prefix: `4/24`. */
  readonly #ranges = new Map<string, RangeLength>();
  readonly #maskGlobs = new Map<string, Glob>();
  readonly #nickGlobs = new Map<string, Glob>();
  readonly #texts = new Map<string, Pattern>();
  readonly #removals = new Map<string, () => void>();

  constructor(identityOf: IdentityOf, budget: TextBudget) {
    this.#identityOf = identityOf;
    this.#budget = budget;
  }

  get size(): number {
    return this.#removals.size;
  }

  /** Instead of the one with this id, if there is one. */
  set(ban: Ban): void {
    this.delete(ban.id);
    this.#removals.set(ban.id, this.#placed(ban, ban.match));
  }

  delete(id: string): void {
    this.#removals.get(id)?.();
    this.#removals.delete(id);
  }

  /** Those that match, whatever their scope. `text` is asked for only when a text pattern wants it. */
  matching(speaker: Speaker, text: () => string): readonly Ban[] {
    if (this.#removals.size === 0) return NONE;
    const found: Ban[] = [];
    this.#byAuthor(speaker, found);
    this.#byMask(speaker, found);
    this.#byName(speaker, found);
    this.#byAddress(speaker, found);
    this.#byText(text, found);
    return found;
  }

  #byAuthor({ author }: Speaker, found: Ban[]): void {
    if (this.#authors.size > 0) collect(this.#authors.get(authorKey(author)), found);
    if (this.#identities.size === 0) return;
    const identity = this.#identityOf(author);
    if (identity !== null) collect(this.#identities.get(identity), found);
  }

  #byMask({ mask }: Speaker, found: Ban[]): void {
    if (mask === null || this.#masks.size + this.#hosts.size + this.#maskGlobs.size === 0) return;
    const folded = foldName(mask);
    collect(this.#masks.get(folded), found);
    collect(this.#hosts.get(folded.slice(folded.lastIndexOf('@') + 1)), found);
    for (const glob of this.#maskGlobs.values()) if (matchesGlob(glob.folded, folded)) found.push(glob.ban);
  }

  #byName({ name }: Speaker, found: Ban[]): void {
    if (this.#nicks.size + this.#nickGlobs.size === 0) return;
    const folded = foldName(name);
    collect(this.#nicks.get(folded), found);
    for (const glob of this.#nickGlobs.values()) if (matchesGlob(glob.folded, folded)) found.push(glob.ban);
  }

  #byAddress({ address }: Speaker, found: Ban[]): void {
    if (address === null || this.#ranges.size === 0) return;
    const bytes = parseAddress(address);
    if (bytes === null) return;
    for (const { length, prefix, groups } of this.#ranges.values())
      if (length === bytes.length) collect(groups.get(rangeKey(bytes, prefix)), found);
  }

  #byText(text: () => string, found: Ban[]): void {
    if (this.#texts.size === 0) return;
    const said = text();
    if (said === '') return;
    this.#budget.spend(said, (seen) => {
      for (const { ban, pattern } of this.#texts.values()) if (pattern.test(seen)) found.push(ban);
    });
  }

  /** Resolves to what takes it out again. */
  #placed(ban: Ban, match: Match): () => void {
    switch (match.by) {
      case 'author':
        return put(this.#authors, authorKey(match.author), ban);
      case 'identity':
        return put(this.#identities, match.identity, ban);
      case 'mask':
        return this.#placedMask(ban, foldName(match.mask));
      case 'nick':
        return this.#placedNick(ban, foldName(match.glob));
      case 'ip':
        return this.#placedRange(ban, match.range);
      case 'text':
        this.#texts.set(ban.id, { ban, pattern: compileText(match.pattern) });
        return () => this.#texts.delete(ban.id);
    }
  }

  #placedMask(ban: Ban, folded: string): () => void {
    const host = folded.startsWith('*!*@') ? folded.slice(4) : null;
    if (host !== null && !hasWildcard(host) && !host.includes('@')) return put(this.#hosts, host, ban);
    if (!hasWildcard(folded)) return put(this.#masks, folded, ban);
    this.#maskGlobs.set(ban.id, { ban, folded });
    return () => this.#maskGlobs.delete(ban.id);
  }

  #placedNick(ban: Ban, folded: string): () => void {
    if (!hasWildcard(folded)) return put(this.#nicks, folded, ban);
    this.#nickGlobs.set(ban.id, { ban, folded });
    return () => this.#nickGlobs.delete(ban.id);
  }

  #placedRange(ban: Ban, text: string): () => void {
    const range = parseRange(text);
    if (range === null) return () => {};
    const { bytes, prefix } = range;
    const kind = `${bytes.length}/${prefix}`;
    const sameLength = this.#ranges.get(kind) ?? { length: bytes.length, prefix, groups: new Map() };
    this.#ranges.set(kind, sameLength);
    const remove = put(sameLength.groups, rangeKey(bytes, prefix), ban);
    return () => {
      remove();
      if (sameLength.groups.size === 0) this.#ranges.delete(kind);
    };
  }
}

interface RangeLength {
  readonly length: number;
  readonly prefix: number;
  readonly groups: Map<string, Group>;
}

const NONE: readonly Ban[] = [];

function collect(group: Group | undefined, found: Ban[]): void {
  if (group !== undefined) found.push(...group.values());
}

function put(groups: Map<string, Group>, key: string, ban: Ban): () => void {
  const group = groups.get(key) ?? new Map<string, Ban>();
  groups.set(key, group.set(ban.id, ban));
  return () => {
    group.delete(ban.id);
    if (group.size === 0) groups.delete(key);
  };
}

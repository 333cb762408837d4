/**
 * What one person was given, compiled so that a question costs the same however many grants there are.
 *
 * Problem: a check stands in the way of every command, and one person may have thousands of grants. Idea: a grant is
 * spread over the combinations of network, room and command that it names, with `*` for "all of them"; a question looks
 * at the eight combinations that could cover it. Names hold neither spaces nor `*` nor `?`.
 */
import { endOf, type Grant, type Point } from './grant.js';

const ALL = '*';
/** Asked about all at once. Only what takes away is kept under it: a part of the whole is enough for that. */
const WHOLE = '?';

export class Reach {
  /** When the latest of the grants ends, ms since 1970. */
  readonly #ends = new Map<string, number>();
  readonly #anywhere = new Map<string, number>();

  constructor(grants: Iterable<Grant>) {
    for (const grant of grants) this.#add(grant);
  }

  /** Until when `word` was given for all of the point, ms since 1970; 0: it was not. */
  until(word: string, { network, room, command }: Point): number {
    if (!this.#anywhere.has(word)) return 0;
    let latest = 0;
    for (const n of [network ?? WHOLE, ALL]) {
      for (const r of [room ?? WHOLE, ALL]) {
        for (const c of [command ?? WHOLE, ALL]) {
          latest = Math.max(latest, this.#ends.get(`${word} ${n} ${r} ${c}`) ?? 0);
        }
      }
    }
    return latest;
  }

  /** Until when `word` was given without any limit of place. */
  untilEverywhere(word: string): number {
    return this.#ends.get(`${word} ${ALL} ${ALL} ${ALL}`) ?? 0;
  }

  /** Until when `word` was given for something. */
  untilAnywhere(word: string): number {
    return this.#anywhere.get(word) ?? 0;
  }

  #add(grant: Grant): void {
    const { gives, scope } = grant;
    const end = endOf(grant);
    const tokens = (names: readonly string[] | undefined) => {
      if (names === undefined) return [ALL];
      return gives === 'muted' ? [...names, WHOLE] : names;
    };
    raise(this.#anywhere, gives, end);
    for (const n of tokens(scope.networks)) {
      for (const r of tokens(scope.rooms)) {
        for (const c of tokens(scope.commands)) raise(this.#ends, `${gives} ${n} ${r} ${c}`, end);
      }
    }
  }
}

function raise(ends: Map<string, number>, key: string, end: number): void {
  ends.set(key, Math.max(end, ends.get(key) ?? 0));
}

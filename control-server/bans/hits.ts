/** How often each ban was hit, on this gateway, since it started. */
import type { Logger } from '../../src/log.js';
import type { Ban, Speaker } from './types.js';

export interface Hits {
  readonly count: number;
  /** RFC 3339, UTC. */
  readonly last: string;
}

/** All of the first ones are logged, then one of so many. */
const LOGGED_ALL = 20;
const LOGGED_EACH = 100;

export class HitCounters {
  readonly #log: Logger;
  readonly #hits = new Map<string, Hits>();

  constructor(log: Logger) {
    this.#log = log;
  }

  count(ban: Ban, speaker: Speaker, now: number): void {
    const count = (this.#hits.get(ban.id)?.count ?? 0) + 1;
    this.#hits.set(ban.id, { count, last: new Date(now).toISOString() });
    if (!ban.dryRun || (count > LOGGED_ALL && count % LOGGED_EACH !== 0)) return;
    const { author, network, room } = speaker;
    this.#log.info('a dry run would have refused a line', { ban: ban.id, author, network, room, count });
  }

  of(id: string): Hits | null {
    return this.#hits.get(id) ?? null;
  }

  /** Of those that are gone. */
  forget(id: string): void {
    this.#hits.delete(id);
  }
}

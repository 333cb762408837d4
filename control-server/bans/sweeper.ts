/** Forgets bans that ended long ago. Every gateway does: to delete twice is to delete once. */
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import type { BanTable } from './ban-table.js';
import type { HitCounters } from './hits.js';
import type { Replica } from './replica.js';
import { endOf } from './types.js';

export const KEPT_MS = 90 * 86_400_000;
const EVERY_MS = 3_600_000;

export interface SweeperOptions {
  readonly table: BanTable;
  readonly replica: Pick<Replica, 'delete'>;
  readonly hits: HitCounters;
  readonly clock: () => number;
  readonly log: Logger;
}

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), EVERY_MS);
    this.#timer.unref();
  }

  /** Never rejects: what is left is swept the next time. */
  async sweep(): Promise<void> {
    const { table, replica, hits, clock, log } = this.#options;
    const over = table.all().filter((ban) => (endOf(ban) ?? Number.POSITIVE_INFINITY) < clock() - KEPT_MS);
    try {
      for (const { id } of over) {
        await replica.delete(id);
        hits.forget(id);
      }
    } catch (error) {
      log.debug('old bans stay for now', { reason: reasonOf(error) });
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

import type { Logger } from '../log.js';

const EVERY_MS = 10_000;

/**
 * Tells in the log that events were not accepted: the first at once, those that follow as a number every ten
 * seconds. An outbox that is full refuses thousands a second, and a log with a line for each would fill the disk.
 */
export class Refusals {
  readonly #log: Logger;
  readonly #now: () => number;
  #untold = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(log: Logger, now = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  add(channel: string, reason: string): void {
    this.#untold += 1;
    if (this.#now() < this.#nextMs) return;
    this.#log.error('an event was not accepted', { channel, reason, events: this.#untold });
    this.#untold = 0;
    this.#nextMs = this.#now() + EVERY_MS;
  }
}

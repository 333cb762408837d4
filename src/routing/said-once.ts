/**
 * Remembers what was said where, so that a line which reaches a channel through two rooms, or is delivered again, is
 * said once. Two generations of keys: the older one is forgotten as a whole when the newer is full or `ttlMs` old.
 * A key is therefore known for `ttlMs` at least and twice that at most, unless more than `max` lines come within.
 */
import type { ParleyEvent } from '../message/index.js';

export interface SaidOnceOptions {
  /** Keys held at most; a key takes about 150 bytes. @default 20000 */
  readonly max?: number;
  /** @default 120000, the deduplication window of the room log */
  readonly ttlMs?: number;
  /** Clock, ms. @default Date.now */
  readonly now?: () => number;
}

export class SaidOnce {
  readonly #half: number;
  readonly #ttlMs: number;
  readonly #now: () => number;
  #newer = new Set<string>();
  #older = new Set<string>();
  #since: number;

  constructor({ max = 20_000, ttlMs = 120_000, now = Date.now }: SaidOnceOptions = {}) {
    this.#half = Math.max(1, Math.floor(max / 2));
    this.#ttlMs = ttlMs;
    this.#now = now;
    this.#since = now();
  }

  /** True for the first who asks: say it. False: it is being said, or was. */
  claim(network: string, channel: string, event: Pick<ParleyEvent, 'id' | 'origin'>): boolean {
    this.#age();
    const key = keyOf(network, channel, event);
    if (this.#newer.has(key) || this.#older.has(key)) return false;
    this.#newer.add(key);
    return true;
  }

  /** It was claimed but surely not said: the next who asks may. */
  release(network: string, channel: string, event: Pick<ParleyEvent, 'id' | 'origin'>): void {
    const key = keyOf(network, channel, event);
    this.#newer.delete(key);
    this.#older.delete(key);
  }

  /** Keys held. */
  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  #age(): void {
    const now = this.#now();
    const idleMs = now - this.#since;
    if (this.#newer.size < this.#half && idleMs < this.#ttlMs) return;
    this.#older = idleMs < 2 * this.#ttlMs ? this.#newer : new Set();
    this.#newer = new Set();
    this.#since = now;
  }
}

/** NUL cannot be in any of the three. */
function keyOf(network: string, channel: string, event: Pick<ParleyEvent, 'id' | 'origin'>): string {
  return `${network}\0${channel}\0${event.origin ?? event.id}`;
}

/**
 * Recognises events whose id comes from outside (a network's own message id, an Idempotency-Key) when they come again.
 *
 * Problem: the room log drops a repeated id for two minutes, but the fast path says an event before the log has
 * answered. Idea: remember every such id for that long, with the promise of its first storing, so that a repeat is
 * answered only when the first is stored. As long as the memory does not reach back two minutes (after a start, or
 * when it overflowed) it is no proof that an id is new: `isComplete` is false and such events go through the log.
 */
import type { Stored } from '../bus/index.js';

const DEDUP_WINDOW_MS = 120_000;
const CAPACITY = 50_000;

export class ReplayGuard {
  readonly #now: () => number;
  readonly #capacity: number;
  #newer = new Map<string, Promise<Stored>>();
  #older = new Map<string, Promise<Stored>>();
  #rotatedAtMs: number;
  #completeFromMs: number;

  constructor(now: () => number = Date.now, capacity = CAPACITY) {
    this.#now = now;
    this.#capacity = capacity;
    this.#rotatedAtMs = now();
    this.#completeFromMs = now() + DEDUP_WINDOW_MS;
  }

  /** Every id that the log would still recognise is known here. */
  get isComplete(): boolean {
    return this.#now() >= this.#completeFromMs;
  }

  /** The first storing of this id, or undefined when it is not known to have come before. */
  firstOf(id: string): Promise<Stored> | undefined {
    return this.#newer.get(id) ?? this.#older.get(id);
  }

  /** An id whose storing fails is forgotten: its sender will try again. */
  remember(id: string, storing: Promise<Stored>): void {
    this.#rotate();
    this.#newer.set(id, storing);
    storing.catch(() => {
      this.#newer.delete(id);
      this.#older.delete(id);
    });
  }

  /** Two generations: the older one goes as a whole, so that an id is kept for one to two windows. */
  #rotate(): void {
    const now = this.#now();
    const isFull = this.#newer.size >= this.#capacity;
    const isOld = now - this.#rotatedAtMs >= DEDUP_WINDOW_MS;
    if (!isFull && !isOld) return;
    if (isFull && !isOld) this.#completeFromMs = now + DEDUP_WINDOW_MS;
    this.#older = this.#newer;
    this.#newer = new Map();
    this.#rotatedAtMs = now;
  }
}

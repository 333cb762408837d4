interface Waiting {
  readonly since: number;
  readonly late: () => void;
}

/**
 * The same time limit for many short waits. One timer looks after all of them, four times within the limit: a timer
 * for each costs more than the rest of the waiting, thousands of times a second.
 */
export class Patience {
  readonly #limitMs: number;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | null = null;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Settles as `promise` does; rejects with `late()` when that takes longer than the limit, by at most a quarter. */
  wait<Value>(promise: Promise<Value>, late: () => Error): Promise<Value> {
    return new Promise((resolve, reject) => {
      const waiting = { since: performance.now(), late: () => reject(late()) };
      this.#waiting.add(waiting);
      this.#timer ??= setInterval(() => this.#look(), this.#limitMs / 4);
      promise.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  /** A set keeps the order of insertion: the first that is in time ends the look. */
  #look(): void {
    const tooOld = performance.now() - this.#limitMs;
    for (const waiting of this.#waiting) {
      if (waiting.since > tooOld) return;
      this.#waiting.delete(waiting);
      waiting.late();
    }
    if (this.#waiting.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** How often a code may be tried, by one caller and by all. Counted by each gateway for itself. */
import { CommandError } from '../command.js';

export interface TryLimits {
  readonly each: number;
  readonly all: number;
  readonly windowMs: number;
}

export const TRY_LIMITS: TryLimits = { each: 5, all: 60, windowMs: 10 * 60_000 };

export class Tries {
  readonly #limits: TryLimits;
  readonly #now: () => number;
  /** Of the present window; no more of them than `all`. */
  readonly #counts = new Map<string, number>();
  #sum = 0;
  #endsAt = 0;

  constructor(limits: TryLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts one. Throws CommandError when it is one too many, whatever the code is. */
  take(author: string): void {
    const now = this.#now();
    if (now >= this.#endsAt) {
      this.#counts.clear();
      this.#sum = 0;
      this.#endsAt = now + this.#limits.windowMs;
    }
    const tried = this.#counts.get(author) ?? 0;
    if (tried >= this.#limits.each || this.#sum >= this.#limits.all) {
      const minutes = Math.ceil((this.#endsAt - now) / 60_000);
      throw new CommandError(`Too many codes were tried. Try again in ${minutes} min.`);
    }
    this.#counts.set(author, tried + 1);
    this.#sum += 1;
  }
}

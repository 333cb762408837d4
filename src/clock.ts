/**
 * The time of day that events are stamped with and by which they grow old.
 *
 * Problem: setting the wall clock (NTP after a long absence, an operator, a virtual machine that moved) would make what
 * waits to be said an hour older than it is, and "too old" is said as a digest line only. Idea: the steady clock carries
 * the time on, and a wall clock that jumped is believed only when it has stayed where it is for a minute: by then, what
 * was stamped before is said. Small steps, as NTP makes them all the time, are followed at once.
 * What it cannot do: know better when it starts with a wrong clock, or when two machines disagree by more than `maxAge`.
 */
export class DayClock {
  readonly #wall: () => number;
  readonly #steady: () => number;
  /** Wall minus steady, ms. */
  #offset: number;
  /** The offset after a jump that is not believed yet, and since when it is there. */
  #jumped: { readonly offset: number; readonly sinceMs: number } | null = null;

  constructor(wall: () => number = Date.now, steady: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#steady = steady;
    this.#offset = wall() - steady();
  }

  /** Milliseconds since 1970. */
  now(): number {
    const steady = this.#steady();
    const offset = this.#wall() - steady;
    if (Math.abs(offset - this.#offset) <= STEP_MS) this.#adopt(offset);
    else this.#suspect(offset, steady);
    return steady + this.#offset;
  }

  #suspect(offset: number, steady: number): void {
    const { offset: known, sinceMs } = this.#jumped ?? { offset: Number.NaN, sinceMs: steady };
    if (!(Math.abs(offset - known) <= STEP_MS)) this.#jumped = { offset, sinceMs: steady };
    else if (steady - sinceMs >= BELIEVED_AFTER_MS) this.#adopt(offset);
  }

  #adopt(offset: number): void {
    this.#offset = offset;
    this.#jumped = null;
  }
}

const STEP_MS = 1_000;
const BELIEVED_AFTER_MS = 60_000;

const day = new DayClock();

/** Milliseconds since 1970, by the clock of this process. */
export function timeOfDay(): number {
  return day.now();
}

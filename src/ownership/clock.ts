/**
 * Two readings of time, ms. `steady` never jumps and stands still while the machine sleeps: votes given are counted with
 * it, so they rather last too long. `awake` also counts the time that only the wall clock noticed: a lease held is
 * counted with it, so it rather ends too soon. Setting the wall clock forward may cost a lease, never make two.
 */
export interface Clock {
  steady(): number;
  awake(): number;
}

/** Smaller differences are the clock being disciplined. */
const JUMP_MS = 250;

export class SystemClock implements Clock {
  readonly #steady: () => number;
  readonly #wall: () => number;
  #ahead: number;
  #slept = 0;

  constructor(steady: () => number = () => performance.now(), wall: () => number = Date.now) {
    this.#steady = steady;
    this.#wall = wall;
    this.#ahead = wall() - steady();
  }

  steady(): number {
    return this.#steady();
  }

  awake(): number {
    const now = this.#steady();
    const ahead = this.#wall() - now;
    const jump = ahead - this.#ahead;
    if (jump > JUMP_MS) this.#slept += jump;
    if (Math.abs(jump) > JUMP_MS) this.#ahead = ahead;
    return now + this.#slept;
  }
}

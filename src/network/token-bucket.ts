/** Flood limit of one network: `burst` parts at once, `perSecond` after that. An infinite burst never waits. */
export class TokenBucket {
  #burst: number;
  #perSecond: number;
  #tokens: number;
  #filledAt: number;
  readonly #now: () => number;

  constructor(
    limit: { readonly burst: number; readonly perSecond: number },
    now: () => number = performance.now.bind(performance),
  ) {
    this.#burst = limit.burst;
    this.#perSecond = limit.perSecond;
    this.#tokens = limit.burst;
    this.#now = now;
    this.#filledAt = now();
  }

  /** Takes one token; false when there is none yet. */
  take(): boolean {
    if (this.#burst === Number.POSITIVE_INFINITY) return true;
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Time until the next token, ms. */
  waitMs(): number {
    if (this.#burst === Number.POSITIVE_INFINITY) return 0;
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  /** Applies a new limit without giving back what was used. */
  adjust(limit: { readonly burst: number; readonly perSecond: number }): void {
    this.#refill();
    this.#burst = limit.burst;
    this.#perSecond = limit.perSecond;
    this.#tokens = Math.min(this.#tokens, limit.burst);
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
  }
}

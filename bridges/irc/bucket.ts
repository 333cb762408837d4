/** Tokens for what may be sent now: one more per `gapMs`, `burst` at most; always full without a gap. */
export class Bucket {
  readonly gapMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs = performance.now();

  constructor(burst: number, gapMs: number) {
    this.#burst = burst;
    this.#tokens = burst;
    this.gapMs = gapMs;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Until there is one. */
  get nextMs(): number {
    return Math.max(0, (1 - this.#tokens) * this.gapMs);
  }

  refill(): void {
    const nowMs = performance.now();
    const gained = this.gapMs === 0 ? this.#burst : (nowMs - this.#filledMs) / this.gapMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledMs = nowMs;
  }

  take(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}

/** Between two calls of one command by one person. */
export class Cooldowns {
  readonly #until = new Map<string, number>();

  /** How long this one has to wait yet, ms; 0: it may, and the time begins. `nowMs`: of a steady clock. */
  take(command: string, person: string, cooldownMs: number, nowMs: number): number {
    if (cooldownMs <= 0) return 0;
    const key = `${command} ${person}`;
    const until = this.#until.get(key) ?? 0;
    if (until > nowMs) return until - nowMs;
    this.#sweep(nowMs);
    this.#until.set(key, nowMs + cooldownMs);
    return 0;
  }

  #sweep(nowMs: number): void {
    if (this.#until.size < SWEEP_AT) return;
    for (const [key, until] of this.#until) if (until <= nowMs) this.#until.delete(key);
    // All still cooling: the oldest are let off.
    for (const key of this.#until.keys()) {
      if (this.#until.size < SWEEP_AT) return;
      this.#until.delete(key);
    }
  }
}

const SWEEP_AT = 10_000;

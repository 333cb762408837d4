/** Names that were added within the last so many ms, the newest thousand. */
export class Lately {
  readonly #ms: number;
  readonly #nowMs: () => number;
  readonly #added = new Map<string, number>();

  constructor(ms: number, nowMs: () => number) {
    this.#ms = ms;
    this.#nowMs = nowMs;
  }

  add(name: string): void {
    this.#added.delete(name);
    this.#added.set(name, this.#nowMs());
    const [oldest] = this.#added.size > MOST ? this.#added.keys() : [];
    if (oldest !== undefined) this.#added.delete(oldest);
  }

  has(name: string): boolean {
    return this.#nowMs() - (this.#added.get(name) ?? Number.NEGATIVE_INFINITY) < this.#ms;
  }
}

const MOST = 1000;

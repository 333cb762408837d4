/** A map that forgets the entry used longest ago once it holds `max`. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** The kept value, or what `make` returns, kept from now on. */
  get(key: Key, make: () => Value): Value {
    const kept = this.#entries.get(key);
    if (kept !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      return kept;
    }
    const made = make();
    this.#entries.set(key, made);
    if (this.#entries.size > this.#max) this.#forgetOldest();
    return made;
  }

  get size(): number {
    return this.#entries.size;
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}

/** A set of stream sequences, kept as ranges: what comes from a log is nearly dense, so there are few. */
export class SequenceSet {
  /** Inclusive, ascending, never touching each other. */
  readonly #ranges: [first: number, last: number][] = [];

  /** The highest one, or 0. */
  get last(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  has(sequence: number): boolean {
    const range = this.#ranges[this.#indexOf(sequence)];
    return range !== undefined && range[0] <= sequence;
  }

  add(sequence: number): void {
    const index = this.#indexOf(sequence);
    const range = this.#ranges[index];
    if (range !== undefined && range[0] <= sequence) return;
    const before = this.#ranges[index - 1];
    const joinsBefore = before !== undefined && before[1] === sequence - 1;
    const joinsNext = range !== undefined && range[0] === sequence + 1;
    if (joinsBefore && joinsNext) {
      before[1] = range[1];
      this.#ranges.splice(index, 1);
    } else if (joinsBefore) before[1] = sequence;
    else if (joinsNext) range[0] = sequence;
    else this.#ranges.splice(index, 0, [sequence, sequence]);
  }

  /** Adds everything up to `sequence`. */
  addUpTo(sequence: number): void {
    if (sequence < 1) return;
    const index = this.#indexOf(sequence);
    const range = this.#ranges[index];
    const touched = range !== undefined && range[0] <= sequence + 1;
    const last = touched ? range[1] : sequence;
    this.#ranges.splice(0, touched ? index + 1 : index, [1, last]);
  }

  clear(): void {
    this.#ranges.length = 0;
  }

  /** Index of the first range that ends at or after `sequence`; the usual answer is the last one or none. */
  #indexOf(sequence: number): number {
    if (sequence > this.last) return this.#ranges.length;
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

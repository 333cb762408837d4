/**
 * The events that were passed on lately, known by their ids: the numbers of a log may be given twice, to different
 * events, by a server whose copy is odd (docs/decisions/0008).
 */

/** Some 2 MB for a room in which so much was said. */
const MOST = 8192;

export class Passed {
  readonly #sequences = new Map<string, number>();
  #since: number;

  /** @param since what comes behind this sequence will be noted */
  constructor(since: number) {
    this.#since = since;
  }

  /** True where an event that is not known here was not passed on. */
  covers(sequence: number): boolean {
    return sequence > this.#since;
  }

  has(id: string): boolean {
    return this.#sequences.has(id);
  }

  /** False: it was noted before. */
  note(id: string, sequence: number): boolean {
    if (this.#sequences.has(id)) return false;
    this.#sequences.set(id, sequence);
    if (this.#sequences.size > MOST) this.#forgetHalf();
    return true;
  }

  /** The log begins anew. */
  restart(): void {
    this.#sequences.clear();
    this.#since = 0;
  }

  #forgetHalf(): void {
    let left = MOST / 2;
    for (const [id, sequence] of this.#sequences) {
      if (left === 0) return;
      left -= 1;
      this.#sequences.delete(id);
      this.#since = Math.max(this.#since, sequence);
    }
  }
}

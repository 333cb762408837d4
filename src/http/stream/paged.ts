/**
 * What a reader got out of pages of the log before it was live, by id. A page may come from a server whose copy is odd
 * (docs/decisions/0008): it lacks lines, and has others under numbers that the log gives to something else.
 */
import { type LoggedId, Passed } from '../../bus/index.js';

export class Paged {
  readonly #ids: Passed;
  /** Up to where pages were read. */
  #until = Number.POSITIVE_INFINITY;

  constructor(after: number) {
    this.#ids = new Passed(after);
  }

  /** False: the reader has it already. */
  note({ id, sequence }: LoggedId): boolean {
    return this.#ids.note(id, sequence);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The pages have led up to there; what comes behind is live. */
  end(at: number): void {
    this.#until = Math.min(this.#until, at);
  }

  /** It lies where pages were read, and was in none. */
  lacks({ id, sequence }: LoggedId): boolean {
    return sequence <= this.#until && this.#ids.covers(sequence) && !this.#ids.has(id);
  }

  /** It lies where pages were read. */
  spans(sequence: number): boolean {
    return sequence <= this.#until && this.#ids.covers(sequence);
  }
}

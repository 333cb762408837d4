/**
 * What one member of a cluster may agree to when the list of members is to change: see membership.ts. No I/O here.
 *
 * Two lists of one revision must never both find a majority. So a member agrees to one change at a time, and only when it
 * acts by the revision before; who makes the change decides before the first agreement runs out.
 */
export const PROMISE_MS = 20_000;
/** How long who makes a change waits for the answers. */
export const AGREE_MS = 5000;
/** With this much to spare the change is made and told before a promise runs out. */
const DECIDE_WITHIN_MS = PROMISE_MS / 2;

interface Promised {
  readonly text: string;
  readonly untilMs: number;
}

export class Pact {
  #known: number;
  #acted: number;
  #promise: Promised | null = null;

  /** `revision`: by which this member acts. */
  constructor(revision: number) {
    this.#known = revision;
    this.#acted = revision;
  }

  /** The revision by which this member acts; a later one may be known. */
  get acted(): number {
    return this.#acted;
  }

  /** Null: agreed to the list `text` as this revision. Else why not. Times are of a steady clock, ms. */
  agree(revision: number, text: string, nowMs: number): string | null {
    if (revision !== this.#acted + 1 || this.#known !== this.#acted) return `acts by revision ${this.#acted}`;
    const promise = this.#promise;
    if (promise !== null && promise.untilMs > nowMs && promise.text !== text) {
      return 'has just agreed to another change';
    }
    this.#promise = { text, untilMs: nowMs + PROMISE_MS };
    return null;
  }

  /** Whether a change that was begun then may still be made: after a standstill the promises may have run out. */
  mayDecide(begunMs: number, nowMs: number): boolean {
    return nowMs - begunMs < DECIDE_WITHIN_MS;
  }

  /** The revision is made, and followed from now on. */
  follows(revision: number): void {
    this.#known = revision;
  }

  /** Nothing is done by an earlier revision any more. */
  actsBy(revision: number): void {
    this.#known = revision;
    this.#acted = revision;
    this.#promise = null;
  }
}

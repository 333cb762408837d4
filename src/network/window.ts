/**
 * How many lines of one network may be out at once.
 *
 * Problem: whatever an owner has said and no other gateway knows of, the next owner says again when it dies or is cut off.
 * No line can be said exactly once, since none may be lost; so the lines that are *out*, sent and not both confirmed by
 * the network and known to another gateway, are what a crash doubles. Idea: one may be out. Where that is too slow, and
 * only there, it becomes two, three, …: one more each `STEP_MS` in which lines that wait have waited for `LATE_MS`. Once
 * none waits it is one again.
 *
 * Why it is safe: it grows only when another gateway has answered. A gateway that is cut off gets no answers, so it stays
 * at what it has, and is silent until it is back or its lease ends; what it holds back is in the log or the spool, and
 * is said by the next owner. It never stands still for good: nothing counts that is not on the wire or on its way to a
 * gateway that answers (untold.ts), so a channel that is held, or a lost connection, leaves room for the others.
 * What it cannot do: bound what doubles while one owner catches up with many lines (as many as it then has out), the parts
 * of one long message, or, where the network's confirmation is slow by nature (`countsUnconfirmed`), the lines that
 * wait for that.
 */

/** A line that has waited so long is late. */
const LATE_MS = 100;
/** Between two steps: a backlog of n lines takes about as many steps as √n. */
const STEP_MS = 100;

export interface WindowOptions {
  /** Most that may be out. */
  readonly limit: number;
  /** What is said and not known to another gateway; null: there is none that would say it again, and no window. */
  readonly untold: () => number | null;
  /** Whether what the network has not confirmed counts. */
  readonly countsUnconfirmed: () => boolean;
  /** ms, steady. */
  readonly now?: () => number;
}

export class Window {
  readonly #options: WindowOptions;
  readonly #now: () => number;
  #size = 1;
  #steppedMs = Number.NEGATIVE_INFINITY;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#size;
  }

  /** Whether one more may be sent while so many are sent and unconfirmed. */
  admits(unconfirmed: number): boolean {
    const untold = this.#options.untold();
    if (untold === null) return true;
    return (this.#options.countsUnconfirmed() ? unconfirmed : 0) + untold < this.#size;
  }

  /** Another gateway knows of more; the line that is to be sent next has waited since then. */
  turned(waitingSinceMs: number): void {
    const now = this.#now();
    if (now - waitingSinceMs < LATE_MS || now - this.#steppedMs < STEP_MS) return;
    this.#steppedMs = now;
    this.#size = Math.min(this.#size + 1, this.#options.limit);
  }

  /** No line waits. */
  emptied(): void {
    this.#size = 1;
  }
}

/**
 * How many lines of one network may be out at once.
 *
 * Problem: whatever an owner has said and no other gateway knows of, the next owner says again when it dies or is cut off.
 * No line can be said exactly once, since none may be lost; so the lines that are *out*, sent and not both confirmed by
 * the network and known to another gateway, are what a crash doubles. Idea: one may be out. Where that is too slow, and
 * only there, more: twice as many each time that lines which wait have waited for `LATE_MS`, up to `MOST`. Once none waits
 * it is one again. Quick growth is right, though it makes the worst crash worse: a backlog doubles in the mean as many
 * lines as it has, times the time each is out, whatever the window; worked off quickly it leaves less time for a crash.
 * Beyond `MOST` lines would only wait for each other in our socket.
 *
 * Why it is safe: it grows only when another gateway has answered. A gateway that is cut off gets no answers, so it stays
 * at what it has, and is silent until it is back or its lease ends; what it holds back is in the log or the spool, and
 * is said by the next owner. It never stands still for good: nothing counts that is not on the wire or on its way to a
 * gateway that answers (untold.ts), so a channel that is held, or a lost connection, leaves room for the others.
 * What it cannot do: keep it to one while an owner catches up; count the parts of a long message; or, where the network's
 * confirmation is slow by nature (`countsUnconfirmed`), count the lines that wait for that.
 */

/** A line that has waited so long is late. On a machine that is too busy for one at a time, most lines wait so long. */
const LATE_MS = 100;
/** Between two steps. */
const STEP_MS = 100;
const MOST = 32;

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
    this.#size = Math.min(this.#size * 2, this.#options.limit, MOST);
  }

  /** No line waits. */
  emptied(): void {
    this.#size = 1;
  }
}

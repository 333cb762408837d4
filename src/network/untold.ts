/**
 * What this gateway has said on a network, and no other gateway is known to know.
 *
 * Other gateways that may own the network answer when they are told. Whether any does is found out, not assumed: there
 * may be none that has this network, or only some of a version that does not answer. So nothing counts before the first
 * answer, nor any more once the answers have failed to come for as long as a lease lasts: a gateway that is cut off
 * has lost the network by then, so who still owns it is heard by gateways that do not answer. What one of those does not know
 * it says again when it is the next owner, as gateways without this did.
 */

/** Nobody needs to know it any more. */
const FORGET_MS = 30_000;

export class Untold {
  readonly #patienceMs: number;
  /** Since when, the oldest first. `performance.now()`. */
  readonly #since = new Map<string, number>();
  #answers = false;
  #answeredMs = 0;

  /** `patienceMs`: how long a lease lasts. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  add(id: string, nowMs: number): void {
    if (!this.#since.has(id)) this.#since.set(id, nowMs);
  }

  /** Another gateway knows these; returns how many of them none was known to know. */
  answered(ids: readonly string[], nowMs: number): number {
    this.#answers = true;
    this.#answeredMs = nowMs;
    return ids.filter((id) => this.#since.delete(id)).length;
  }

  /** How many count; null: nobody answers. */
  count(nowMs: number): number | null {
    const [oldestMs] = this.#since.values();
    if (oldestMs !== undefined && nowMs - Math.max(oldestMs, this.#answeredMs) > this.#patienceMs)
      this.#answers = false;
    return this.#answers ? this.#since.size : null;
  }

  /** What is to be told again now: all, or one to see whether somebody answers. */
  toRepeat(nowMs: number): readonly string[] {
    for (const [id, sinceMs] of this.#since) {
      if (nowMs - sinceMs < FORGET_MS) break;
      this.#since.delete(id);
    }
    const ids = [...this.#since.keys()];
    return this.count(nowMs) === null ? ids.slice(0, 1) : ids;
  }
}

/**
 * Waiting times between attempts to open a network.
 *
 * A server that restarts is back within seconds and people are waiting, so the first half minute asks at most a
 * second apart. After that it is an outage: the pauses double up to a minute. Jitter keeps many gateways apart.
 */
export interface BackoffOptions {
  readonly firstMs: number;
  /** Longest pause while the outage is young. */
  readonly eagerMs: number;
  /** How long an outage counts as young. */
  readonly eagerForMs: number;
  readonly longestMs: number;
  readonly random?: () => number;
}

export const DEFAULT_BACKOFF: BackoffOptions = {
  firstMs: 200,
  eagerMs: 1_000,
  eagerForMs: 30_000,
  longestMs: 60_000,
};

export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #waitedMs = 0;
  #lastMs = 0;

  constructor(options: BackoffOptions = DEFAULT_BACKOFF) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** The next pause, ms; never shorter than `atLeastMs`. */
  next(atLeastMs = 0): number {
    const { firstMs, eagerMs, eagerForMs, longestMs } = this.#options;
    const cap = this.#waitedMs < eagerForMs ? eagerMs : longestMs;
    this.#lastMs = this.#lastMs === 0 ? firstMs : Math.min(cap, this.#lastMs * 2);
    const jittered = this.#lastMs * (0.8 + 0.2 * this.#random());
    const pauseMs = Math.round(Math.max(jittered, atLeastMs));
    this.#waitedMs += pauseMs;
    return pauseMs;
  }

  reset(): void {
    this.#waitedMs = 0;
    this.#lastMs = 0;
  }
}

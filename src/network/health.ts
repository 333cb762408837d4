/** Health is derived from what the supervisor does, so that no bridge can forget to tell it. */
export type NetworkState = 'opening' | 'connected' | 'retrying' | 'failed' | 'standby' | 'stopped';

export interface HealthSnapshot {
  readonly state: NetworkState;
  /** RFC 3339, UTC: when this state began. */
  readonly since: string;
  /** Why it is retrying or failed. */
  readonly reason: string | null;
  /** RFC 3339, UTC: when the next attempt is made. */
  readonly retryAt: string | null;
  /** Connected but not whole: channel (or `*` for the network) → reason. */
  readonly degraded: Readonly<Record<string, string>>;
}

const WHOLE_NETWORK = '*';

export class Health {
  #state: NetworkState = 'opening';
  #since = new Date();
  #reason: string | null = null;
  #retryAt: Date | null = null;
  readonly #degraded = new Map<string, string>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get state(): NetworkState {
    return this.#state;
  }

  enter(state: NetworkState, reason: string | null = null, retryAt: Date | null = null): void {
    if (state !== this.#state) this.#since = new Date();
    this.#state = state;
    this.#reason = reason;
    this.#retryAt = retryAt;
    if (state !== 'connected' && state !== 'opening') this.#degraded.clear();
    this.#changed();
  }

  degrade(channel: string | null, reason: string | null): void {
    const key = channel ?? WHOLE_NETWORK;
    if (reason === null) this.#degraded.delete(key);
    else this.#degraded.set(key, reason);
    this.#changed();
  }

  snapshot(): HealthSnapshot {
    return {
      state: this.#state,
      since: this.#since.toISOString(),
      reason: this.#reason,
      retryAt: this.#retryAt?.toISOString() ?? null,
      degraded: Object.fromEntries(this.#degraded),
    };
  }
}

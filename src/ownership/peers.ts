import type { Beat, Claim } from './types.js';

/** Another run of a gateway that was heard not long ago. Times are of the steady clock, ms. */
export interface Peer {
  readonly beat: Beat;
  /** Its claims by network: looked up on every message. */
  readonly claims: ReadonlyMap<string, Claim>;
  readonly heardAtMs: number;
  /** Since when it has been there and willing to own networks without a break; infinite while it is away. */
  readonly steadySinceMs: number;
}

/** The gateways that are heard now. */
export class Peers {
  readonly #silenceMs: number;
  readonly #peers = new Map<string, Peer>();

  /** After `silenceMs` without a beat a gateway is gone. */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  heard(beat: Beat, nowMs: number): void {
    const before = this.#peers.get(beat.instance);
    // On the way beats may overtake each other.
    if (before !== undefined && before.beat.round > beat.round) return;
    const steady = before !== undefined && this.#isLive(before, nowMs) && !before.beat.away;
    const steadySinceMs = beat.away ? Number.POSITIVE_INFINITY : steady ? before.steadySinceMs : nowMs;
    const claims = new Map(beat.claims.map((claim) => [claim.network, claim]));
    this.#peers.set(beat.instance, { beat, claims, heardAtMs: nowMs, steadySinceMs });
  }

  has(instance: string): boolean {
    return this.#peers.has(instance);
  }

  live(nowMs: number): readonly Peer[] {
    for (const [instance, peer] of this.#peers) {
      if (!this.#isLive(peer, nowMs)) this.#peers.delete(instance);
    }
    return [...this.#peers.values()];
  }

  #isLive(peer: Peer, nowMs: number): boolean {
    return nowMs - peer.heardAtMs < this.#silenceMs;
  }
}

import type { Beat } from './types.js';

/** Another run of a gateway that was heard not long ago. Times are of the steady clock, ms. */
export interface Peer {
  readonly beat: Beat;
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
    this.#peers.set(beat.instance, { beat, heardAtMs: nowMs, steadySinceMs });
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

import type { Clock } from './clock.js';
import { elderOf, exclusionOf, type Identity, sameVoters, warningsOf } from './conflicts.js';
import { type Peer, Peers } from './peers.js';
import { type Candidate, ranked } from './placement.js';
import type { Beat } from './types.js';

/** What this gateway knows of the others now: who is there, who holds what, who comes next. */
export class Company {
  readonly #identity: Identity;
  readonly #labels: readonly string[];
  readonly #clock: Clock;
  readonly #peers: Peers;

  constructor(identity: Identity, labels: readonly string[], silenceMs: number, clock: Clock) {
    this.#identity = identity;
    this.#labels = labels;
    this.#clock = clock;
    this.#peers = new Peers(silenceMs);
  }

  /** True: it was not known. */
  heard(beat: Beat): boolean {
    const isNew = !this.#peers.has(beat.instance);
    this.#peers.heard(beat, this.#clock.steady());
    return isNew;
  }

  get any(): boolean {
    return this.#live().length > 0;
  }

  /** Why nothing may be owned here, or null. */
  get excluded(): string | null {
    return exclusionOf(this.#identity, this.#live());
  }

  get warnings(): readonly string[] {
    return warningsOf(this.#identity, this.#live());
  }

  /** An older run of our own name is there. */
  get hasElder(): boolean {
    return elderOf(this.#identity, this.#live()) !== null;
  }

  /** The other gateway that says that it holds the network; of several the one with the newest lease. */
  holderOf(network: string): { readonly gateway: string; readonly epoch: number } | null {
    let holder: { readonly gateway: string; readonly epoch: number } | null = null;
    for (const { beat, claims } of this.#live()) {
      const claim = claims.get(network);
      if (claim?.state !== 'holds' || claim.epoch <= (holder?.epoch ?? -1)) continue;
      holder = { gateway: beat.gateway, epoch: claim.epoch };
    }
    return holder;
  }

  /** Whether enough voters are there, this one with them, to ask at all. */
  suffices(majority: number): boolean {
    const { gateway, voters } = this.#identity;
    const there = new Set([gateway]);
    for (const { beat } of this.#live()) {
      if (voters.includes(beat.gateway) && sameVoters(voters, beat.voters)) there.add(beat.gateway);
    }
    return there.size >= majority;
  }

  /** Those that would take the network, first the one that should. */
  line(network: string, prefer: readonly string[], withUs: boolean): readonly Candidate[] {
    const { gateway, voters } = this.#identity;
    const others = this.#live().flatMap(({ beat, claims }) => {
      return claims.has(network) && !beat.away && beat.gateway !== gateway && voters.includes(beat.gateway)
        ? [beat]
        : [];
    });
    const self = { gateway, labels: this.#labels };
    return ranked(network, prefer, withUs ? [self, ...others] : others);
  }

  /** Since when a gateway has been there and willing without a break, steady clock; infinite: it is not. */
  steadySince(gateway: string): number {
    const peer = this.#live().find(({ beat }) => beat.gateway === gateway);
    return peer?.steadySinceMs ?? Number.POSITIVE_INFINITY;
  }

  #live(): readonly Peer[] {
    return this.#peers.live(this.#clock.steady());
  }
}

import type { Ballot, Claim } from './types.js';

interface Vote {
  readonly instance: string;
  readonly epoch: number;
  readonly untilMs: number;
}

/** One vote a network, for one candidate at a time. All times are of the steady clock. */
export class Voter {
  readonly #ttlMs: number;
  readonly #votes = new Map<string, Vote>();
  /** The highest heard of, and whose it is. */
  readonly #epochs = new Map<string, { readonly epoch: number; readonly instance: string }>();
  #muteUntilMs: number;

  /** A voter that starts has forgotten its votes, so it is mute until the last of them has run out. */
  constructor(ttlMs: number, nowMs: number) {
    this.#ttlMs = ttlMs;
    this.#muteUntilMs = nowMs + ttlMs;
  }

  get muteUntilMs(): number {
    return this.#muteUntilMs;
  }

  /** Somebody else votes in this name. */
  mute(nowMs: number): void {
    this.#muteUntilMs = nowMs + this.#ttlMs;
  }

  /** True: the candidate has the vote for one ttl from now, and nobody else gets it before. */
  vote(network: string, instance: string, epoch: number, nowMs: number): boolean {
    if (nowMs < this.#muteUntilMs) return false;
    if (this.freeAt(network, instance, nowMs) > nowMs || this.#isOutdated(network, instance, epoch))
      return false;
    this.#votes.set(network, { instance, epoch, untilMs: nowMs + this.#ttlMs });
    this.learn(network, instance, epoch);
    return true;
  }

  /** Its votes on all that one beat asks for. */
  judge(instance: string, claims: readonly Claim[], nowMs: number): Pick<Ballot, 'granted' | 'refused'> {
    const granted: string[] = [];
    const refused: { network: string; epoch: number }[] = [];
    for (const { network, epoch, state } of claims) {
      if (state === 'waits') continue;
      if (this.vote(network, instance, epoch, nowMs)) granted.push(network);
      else refused.push({ network, epoch: this.epochOf(network) });
    }
    return { granted, refused };
  }

  release(network: string, instance: string, epoch: number): void {
    const vote = this.#votes.get(network);
    if (vote?.instance === instance && vote.epoch === epoch) this.#votes.delete(network);
  }

  /** When this instance can have the vote; `nowMs` or before: now. */
  freeAt(network: string, instance: string, nowMs: number): number {
    const vote = this.#votes.get(network);
    if (vote === undefined || vote.instance === instance) return nowMs;
    return vote.untilMs;
  }

  /** The highest epoch heard of. */
  epochOf(network: string): number {
    return this.#epochs.get(network)?.epoch ?? 0;
  }

  learn(network: string, instance: string, epoch: number): void {
    if (epoch > this.epochOf(network)) this.#epochs.set(network, { epoch, instance });
  }

  #isOutdated(network: string, instance: string, epoch: number): boolean {
    const known = this.#epochs.get(network);
    if (known === undefined) return false;
    return epoch < known.epoch || (epoch === known.epoch && instance !== known.instance);
  }
}

/** What gateways tell one another about ownership, and what a network is told of it. */

/** `waits`: would own it. `asks`: collects votes. `holds`: speaks there. */
export type ClaimState = 'waits' | 'asks' | 'holds';

export interface Claim {
  readonly network: string;
  /** Of the lease that is asked for or held; 0 while it waits. */
  readonly epoch: number;
  readonly state: ClaimState;
}

/** The end of a lease, told at once so that nobody waits for it to run out. */
export interface Release {
  readonly network: string;
  readonly epoch: number;
  /** The gateway that takes it next, or null: whoever is first in line. */
  readonly to: string | null;
  /** `to` was chosen by a person: it keeps the network until it leaves. */
  readonly pinned: boolean;
}

/** A voter's answer to one beat. */
export interface Ballot {
  readonly gateway: string;
  /** Whose beat, and which. */
  readonly to: string;
  readonly round: number;
  readonly granted: readonly string[];
  /** The highest epoch that the voter knows, of what it refused. */
  readonly refused: readonly { readonly network: string; readonly epoch: number }[];
}

/** Sent by each gateway to all, twice a second: its presence and, in one message, all its leases. */
export interface Beat {
  readonly gateway: string;
  /** One run of a gateway. Sorts by the time of its start. */
  readonly instance: string;
  /** Sorted. */
  readonly voters: readonly string[];
  readonly labels: readonly string[];
  /** Takes no networks: it is drained or about to stop. */
  readonly away: boolean;
  /** Counts the beats of the instance. */
  readonly round: number;
  readonly claims: readonly Claim[];
  readonly releases: readonly Release[];
  /** Answers to those who only renew: they can wait for the next beat. */
  readonly ballots: readonly Ballot[];
}

/** The right to speak on a network. */
export interface Lease {
  /** Grows with every lease of the network. */
  readonly epoch: number;
  /** To be asked right before every visible act: false the moment that another gateway might own the network. */
  holds(): boolean;
}

/** Who is given a network and has to let go of it. */
export interface Tenant {
  gained(lease: Lease): void;
  /** Resolves once nothing of this gateway can be seen on the network any more. */
  ended(why: string): Promise<void>;
}

/** Who owns a network, as far as this gateway knows. */
export interface Ownership {
  readonly network: string;
  readonly owner: string | null;
  readonly epoch: number | null;
  /** RFC 3339, UTC: since when this gateway knows this owner. */
  readonly since: string | null;
  /** Gateways that would take it, first the next one. */
  readonly standby: readonly string[];
}

export interface Timings {
  /** A vote lasts this long at the voter. */
  readonly ttlMs: number;
  /** The holder stops this much before its votes may run out. */
  readonly marginMs: number;
  readonly beatMs: number;
  /** Without a majority by then the votes are given back. */
  readonly askMs: number;
  /** How much longer each next gateway in line waits than the one before it. */
  readonly staggerMs: number;
  /** A network stays reserved this long for the gateway that it was handed to. */
  readonly reservedMs: number;
  /** A gateway that a network prefers takes it over after being there steadily for this long. */
  readonly preferAfterMs: number;
  /** The same for one that is only next in line, so that networks are spread again after a restart. */
  readonly spreadAfterMs: number;
  /** Between two such moves from one gateway. */
  readonly movePauseMs: number;
}

export const TIMINGS: Timings = {
  ttlMs: 3000,
  marginMs: 300,
  beatMs: 500,
  askMs: 500,
  staggerMs: 300,
  reservedMs: 1500,
  preferAfterMs: 60_000,
  spreadAfterMs: 600_000,
  movePauseMs: 30_000,
};

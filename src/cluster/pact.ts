/**
 * How the members of a cluster come to one list of members for each revision. No I/O here: see membership.ts.
 *
 * Problem: who changes the list may be cut off or killed at any moment, with its list at some members and not at the
 * others. Whoever makes the next change must not make another list of the same revision: members with different lists
 * do not count each other as voters, and of two lists each may have a majority that knows nothing of the other's.
 * Idea: single-decree Paxos for each revision, among those who vote by the revision before. A proposer takes a ballot and asks
 * for promises. Who promises hears no lower ballot any more, and says which list it has accepted. With a majority
 * of promises the proposer asks all to accept a list: of those that were accepted the one of the highest ballot; its own
 * only when there is none. A list that a majority accepted is chosen, and only a chosen list is acted by, and told.
 * Why safe: a majority of promises shares a member with the majority that accepted the chosen list, so every later
 * ballot is for that list too. What a member promised and accepted is on disk before anybody hears of it; a restart
 * is a standstill, and no clock is asked. A member takes part only while it acts by the revision before: of two lists with
 * one revision between them the older one has no majority left, and two that differ by one name share a voter.
 * What it cannot do: choose without a majority; bear that a member forgets its disk and takes part by the same revision.
 */

/** Higher: first by count, then by who. No two proposals have the same. */
export interface Ballot {
  readonly count: number;
  readonly by: string;
}

export interface Accepted<List> {
  readonly ballot: Ballot;
  readonly list: List;
}

/** What a member must remember of the one revision that is being decided. */
export interface Kept<List> {
  readonly revision: number;
  readonly promised: Ballot;
  readonly accepted: Accepted<List> | null;
}

export type Answer<List> =
  | { readonly ok: true; readonly accepted: Accepted<List> | null }
  /** `promised`: the ballot that was in the way. */
  | { readonly ok: false; readonly why: string; readonly promised: Ballot | null };

export function isHigher(one: Ballot, other: Ballot): boolean {
  return one.count === other.count ? one.by > other.by : one.count > other.count;
}

/** The share of one member who is asked. `kept` is to be on disk before an answer is given. */
export class Pact<List> {
  #acted: number;
  #kept: Kept<List> | null;

  /** `revision`: by which this member acts. */
  constructor(revision: number, kept: Kept<List> | null) {
    this.#acted = revision;
    this.#kept = kept;
  }

  get kept(): Kept<List> | null {
    return this.#kept;
  }

  promise(revision: number, ballot: Ballot): Answer<List> {
    const refused = this.#refuses(revision, ballot);
    if (refused !== null) return refused;
    const accepted = this.#kept?.revision === revision ? this.#kept.accepted : null;
    this.#kept = { revision, promised: ballot, accepted };
    return { ok: true, accepted };
  }

  accept(revision: number, ballot: Ballot, list: List): Answer<List> {
    const refused = this.#refuses(revision, ballot);
    if (refused !== null) return refused;
    const accepted = { ballot, list };
    this.#kept = { revision, promised: ballot, accepted };
    return { ok: true, accepted };
  }

  /** The list of this revision is chosen and on disk, and nothing is done by an earlier one any more. */
  actsBy(revision: number): void {
    this.#acted = revision;
  }

  #refuses(revision: number, ballot: Ballot): Answer<List> | null {
    const no = (why: string, promised: Ballot | null = null) => ({ ok: false as const, why, promised });
    if (revision !== this.#acted + 1) return no(`acts by revision ${this.#acted}`);
    if (this.#kept === null || this.#kept.revision < revision) return null;
    // Its list is older than what it agreed to: it was taken from a backup.
    if (this.#kept.revision > revision) return no(`has taken part in revision ${this.#kept.revision} before`);
    const { promised } = this.#kept;
    return isHigher(promised, ballot) ? no('is asked by another member, too', promised) : null;
  }
}

/** The share of who asks, for one ballot. Answers may come late, twice, or not at all. */
export class Proposal<List> {
  readonly ballot: Ballot;
  readonly #own: List;
  readonly #majority: number;
  readonly #promised = new Map<string, Accepted<List> | null>();
  readonly #accepted = new Set<string>();
  #list: List | null = null;

  constructor(ballot: Ballot, own: List, voters: readonly string[]) {
    this.ballot = ballot;
    this.#own = own;
    this.#majority = Math.floor(voters.length / 2) + 1;
  }

  /** What all are to accept; null: a majority has not promised yet. */
  get list(): List | null {
    return this.#list;
  }

  get isChosen(): boolean {
    return this.#accepted.size >= this.#majority;
  }

  promised(name: string, accepted: Accepted<List> | null): void {
    // Once asked for, the list of a ballot stays.
    if (this.#list !== null) return;
    this.#promised.set(name, accepted);
    if (this.#promised.size >= this.#majority) this.#list = this.#highest()?.list ?? this.#own;
  }

  accepted(name: string): void {
    this.#accepted.add(name);
  }

  #highest(): Accepted<List> | null {
    const all = [...this.#promised.values()].filter((each) => each !== null);
    return all.reduce<Accepted<List> | null>(
      (best, each) => (best === null || isHigher(each.ballot, best.ballot) ? each : best),
      null,
    );
  }
}

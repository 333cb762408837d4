/**
 * Who owns which network, among a known set of gateways that vote. No I/O here: messages and time come from outside.
 *
 * Problem: two gateways must never speak on one network, whatever dies, freezes or is cut off; and a dead owner must be
 * replaced within seconds. Idea: an owner asks all voters again and again, in one beat for all its networks; each voter
 * gives a network's vote to one gateway for one ttl from the moment it heard the question. Who has a majority of votes
 * owns the network for one ttl, less a margin, from the moment before it asked.
 * Why it is safe: two majorities share a voter, and that voter gave its vote to the second only after the first had
 * run out for the voter, which is after it had run out for the holder. A voter that starts has forgotten its votes and
 * is mute for one ttl. A lost, late or doubled message only makes a lease shorter: late answers count from their question.
 * What it cannot do: own anything without a majority of voters alive (two voters: both); survive clocks that run at
 * different speeds by more than margin : ttl; tell apart two runs of one name while a partition lies between them.
 */
import { Beats } from './beats.js';
import { Candidacy } from './candidacy.js';
import type { Clock } from './clock.js';
import { Company } from './company.js';
import { type Identity, sameVoters } from './conflicts.js';
import type { Candidate } from './placement.js';
import { dueMove } from './rebalance.js';
import { turnOf } from './turn.js';
import type { Ballot, Beat, Release, Timings } from './types.js';
import { Voter } from './voter.js';

export interface ElectionOptions {
  readonly gateway: string;
  /** Different for each run; sorts by the time of the start. */
  readonly instance: string;
  readonly voters: readonly string[];
  readonly labels: readonly string[];
  readonly timings: Timings;
}

export interface ElectionPorts {
  readonly clock: Clock;
  /** 0 … 1 */
  readonly random: () => number;
  /** UTC, ms: the first epochs are of it, so that they grow although all voters have forgotten. */
  readonly wallMs: () => number;
  tellAll(beat: Beat): void;
  tell(instance: string, ballot: Ballot): void;
  gained(network: string): void;
  /** To be closed at once, and `closed` called then. */
  lost(network: string, why: string): void;
  /** Should be handed over; `closing`, then `release` follow. */
  shouldMove(network: string, to: string): void;
}

const LONGEST_WAIT_MS = 5000;

export class Election {
  readonly #options: ElectionOptions;
  readonly #ports: ElectionPorts;
  readonly #identity: Identity;
  readonly #majority: number;
  /** One voter, this one: nobody is asked. */
  readonly #alone: boolean;
  readonly #voter: Voter;
  readonly #company: Company;
  readonly #candidacies = new Map<string, Candidacy>();
  readonly #beats = new Beats();
  #away = false;
  #lastMoveMs = Number.NEGATIVE_INFINITY;

  constructor(options: ElectionOptions, ports: ElectionPorts) {
    const { gateway, instance, timings } = options;
    this.#options = options;
    this.#ports = ports;
    this.#identity = { gateway, instance, voters: [...options.voters].sort() };
    this.#majority = Math.floor(options.voters.length / 2) + 1;
    this.#alone = options.voters.length === 1 && options.voters[0] === gateway;
    this.#voter = new Voter(this.#alone ? 0 : timings.ttlMs, ports.clock.steady());
    const silenceMs = timings.ttlMs - timings.marginMs;
    this.#company = new Company(this.#identity, options.labels, silenceMs, ports.clock);
  }

  /** Why nothing may be owned here, or null. */
  get excluded(): string | null {
    return this.#company.excluded;
  }

  get warnings(): readonly string[] {
    return this.#company.warnings;
  }

  get away(): boolean {
    return this.#away;
  }

  holds(network: string): boolean {
    const candidacy = this.#candidacies.get(network);
    return candidacy?.state === 'holds' && this.#ports.clock.awake() < this.#untilMs(candidacy);
  }

  epochOf(network: string): number {
    return this.#candidacies.get(network)?.epoch ?? 0;
  }

  /** The gateway that holds the network, and its epoch, as heard last. */
  ownerOf(network: string): { readonly gateway: string; readonly epoch: number } | null {
    if (this.holds(network)) return { gateway: this.#options.gateway, epoch: this.epochOf(network) };
    return this.#company.holderOf(network);
  }

  /** Those that may take the network, first the one that should. */
  lineFor(network: string): readonly string[] {
    const candidacy = this.#candidacies.get(network);
    return candidacy === undefined ? [] : this.#line(candidacy).map(({ gateway }) => gateway);
  }

  want(network: string, prefer: readonly string[]): void {
    const candidacy = this.#candidacies.get(network);
    if (candidacy === undefined) this.#candidacies.set(network, new Candidacy(network, prefer));
    else candidacy.prefer = prefer;
  }

  /** Not for this gateway any more; call `release` or `closed` before. */
  unwant(network: string): void {
    this.#candidacies.delete(network);
  }

  /** The tenant is being told to go: renewed until then, and not begun anew. */
  closing(network: string): void {
    const candidacy = this.#candidacies.get(network);
    if (candidacy === undefined) return;
    candidacy.closing = true;
    if (candidacy.state === 'asks') this.#giveBack(candidacy, null, false);
  }

  /** After a loss: nothing of us is on the network any more. */
  closed(network: string): void {
    const candidacy = this.#candidacies.get(network);
    if (candidacy !== undefined) candidacy.closing = false;
  }

  /** Gives the lease up, after everything was closed. `to` gets the first chance. */
  release(network: string, to: string | null, pinned = false): void {
    const candidacy = this.#candidacies.get(network);
    if (candidacy === undefined) return;
    candidacy.closing = false;
    if (candidacy.state === 'waits') return;
    this.#giveBack(candidacy, to, pinned);
    if (to !== null) this.#reserve(candidacy, to, pinned);
    this.#beat();
  }

  /** From now on takes no networks, or takes them again. */
  setAway(away: boolean): void {
    this.#away = away;
    this.#beat();
  }

  heardBeat(beat: Beat): void {
    if (beat.instance === this.#options.instance) return;
    const now = this.#ports.clock.steady();
    const isNew = this.#company.heard(beat);
    this.#settle();
    for (const release of beat.releases) this.#heardRelease(beat, release);
    for (const ballot of beat.ballots) this.heardBallot(ballot);
    this.#vote(beat, now);
    for (const { network, epoch, state } of beat.claims) {
      if (state !== 'waits') this.#voter.learn(network, beat.instance, epoch);
    }
    // One alone says nothing by itself, so a newcomer would not know that somebody is there.
    if (this.#alone && isNew) this.#beat();
    this.#campaign();
  }

  heardBallot(ballot: Ballot): void {
    const { instance, voters } = this.#options;
    const askedAtMs = this.#beats.askedAtMs(ballot.round);
    if (ballot.to !== instance || askedAtMs === undefined || !voters.includes(ballot.gateway)) return;
    this.#settle();
    for (const { network, epoch } of ballot.refused) this.#voter.learn(network, '', epoch);
    for (const network of ballot.granted) {
      const candidacy = this.#candidacies.get(network);
      // Given back meanwhile, or a vote for an earlier lease.
      if (candidacy === undefined || candidacy.state === 'waits' || ballot.round < candidacy.firstRound)
        continue;
      this.#granted(candidacy, ballot.gateway, askedAtMs);
    }
  }

  /** Does what is due; ms until it should be called again. */
  tick(): number {
    this.#settle();
    this.#campaign();
    if (this.#hasCompany() && this.#ports.clock.steady() >= this.#beats.dueMs) {
      this.#beat();
      this.#rebalance();
    }
    return this.#waitMs();
  }

  /** Tells the others once that this gateway is there. */
  hello(): void {
    this.#beat();
  }

  #hasCompany(): boolean {
    return !this.#alone || this.#company.any;
  }

  #untilMs(candidacy: Candidacy): number {
    return this.#alone ? Number.POSITIVE_INFINITY : candidacy.untilMs(this.#majority);
  }

  /** Ends what has run out. Comes before anything that could prolong it: what ran out once stays lost. */
  #settle(): void {
    const { clock } = this.#ports;
    const excluded = this.excluded;
    if (this.#company.hasElder) this.#voter.mute(clock.steady());
    for (const candidacy of this.#candidacies.values()) {
      if (candidacy.state === 'holds') {
        const why = excluded ?? this.#rival(candidacy) ?? this.#lapse(candidacy);
        if (why !== null) this.#lose(candidacy, why);
      } else if (candidacy.state === 'asks' && (excluded !== null || clock.awake() >= candidacy.giveUpAtMs)) {
        this.#giveUp(candidacy);
      }
    }
  }

  #lapse(candidacy: Candidacy): string | null {
    if (this.#ports.clock.awake() < this.#untilMs(candidacy)) return null;
    return 'a majority of the voters did not answer in time';
  }

  /** Possible only between gateways with different voters: the older lease goes. */
  #rival({ network, epoch }: Candidacy): string | null {
    const holder = this.#company.holderOf(network);
    return holder === null || holder.epoch < epoch ? null : `gateway "${holder.gateway}" has a newer lease`;
  }

  #lose(candidacy: Candidacy, why: string): void {
    const { closing, network } = candidacy;
    this.#giveBack(candidacy, null, false);
    candidacy.closing = true;
    // Whoever closes it already needs no second reason.
    if (!closing) this.#ports.lost(network, why);
  }

  #giveUp(candidacy: Candidacy): void {
    const { random, clock } = this.#ports;
    const { askMs } = this.#options.timings;
    this.#giveBack(candidacy, null, false);
    candidacy.failures += 1;
    candidacy.notBeforeMs = clock.steady() + askMs * (0.2 + random() * Math.min(candidacy.failures, 4));
    this.#beats.dueMs = 0;
  }

  #giveBack(candidacy: Candidacy, to: string | null, pinned: boolean): void {
    const { network, epoch } = candidacy;
    candidacy.rest();
    this.#voter.release(network, this.#options.instance, epoch);
    this.#beats.addRelease({ network, epoch, to, pinned });
  }

  #heardRelease(beat: Beat, { network, epoch, to, pinned }: Release): void {
    this.#voter.release(network, beat.instance, epoch);
    const candidacy = this.#candidacies.get(network);
    if (candidacy !== undefined && to !== null) this.#reserve(candidacy, to, pinned);
  }

  #reserve(candidacy: Candidacy, to: string, pinned: boolean): void {
    const untilMs = this.#ports.clock.steady() + this.#options.timings.reservedMs;
    candidacy.reserved = { for: to, untilMs, pinned };
  }

  #vote(beat: Beat, now: number): void {
    const { gateway, voters } = this.#identity;
    if (this.#alone || !voters.includes(gateway) || !voters.includes(beat.gateway)) return;
    if (now < this.#voter.muteUntilMs || !sameVoters(voters, beat.voters)) return;
    if (beat.claims.every(({ state }) => state === 'waits')) return;
    const { granted, refused } = this.#voter.judge(beat.instance, beat.claims, now);
    const ballot = { gateway, to: beat.instance, round: beat.round, granted, refused };
    // A message less for each renewal: most of what an idle gateway costs is waking up.
    if (beat.claims.some(({ state }) => state === 'asks')) this.#ports.tell(beat.instance, ballot);
    else this.#beats.addBallot(ballot);
  }

  #maybeWon(candidacy: Candidacy): void {
    if (candidacy.state !== 'asks' || this.#ports.clock.awake() >= this.#untilMs(candidacy)) return;
    const { reserved, network } = candidacy;
    candidacy.state = 'holds';
    candidacy.failures = 0;
    candidacy.heldSinceMs = this.#ports.clock.steady();
    candidacy.pinned = reserved?.for === this.#options.gateway && reserved.pinned;
    candidacy.reserved = null;
    this.#beats.dueMs = 0;
    this.#ports.gained(network);
  }

  /** Asks for every network that is free and whose turn here has come. */
  #campaign(): void {
    const { clock, wallMs } = this.#ports;
    const due = [...this.#candidacies.values()].filter(
      (candidacy) => this.#dueAt(candidacy) <= clock.steady(),
    );
    if (due.length === 0) return;
    for (const candidacy of due) {
      const epoch = Math.max(this.#voter.epochOf(candidacy.network) + 1, Math.floor(wallMs()));
      candidacy.ask(epoch, this.#beats.nextRound, clock.awake() + this.#options.timings.askMs);
    }
    if (this.#alone) for (const candidacy of due) this.#maybeWon(candidacy);
    else this.#beat();
  }

  /** Steady clock; infinite: something must be heard first. */
  #dueAt(candidacy: Candidacy): number {
    const now = this.#ports.clock.steady();
    const { gateway, instance, timings } = this.#options;
    if (candidacy.state !== 'waits' || candidacy.closing || this.#away) return Number.POSITIVE_INFINITY;
    return turnOf(candidacy, {
      nowMs: now,
      freeAtMs: this.#voter.freeAt(candidacy.network, instance, now),
      muteUntilMs: this.#voter.muteUntilMs,
      possible:
        this.excluded === null &&
        this.#company.suffices(this.#majority) &&
        this.#company.holderOf(candidacy.network) === null,
      gateway,
      place: () => this.#line(candidacy).findIndex((each) => each.gateway === gateway),
      timings,
    });
  }

  #line({ network, prefer }: Candidacy): readonly Candidate[] {
    return this.#company.line(network, prefer, !this.#away);
  }

  #beat(): void {
    const { clock, tellAll } = this.#ports;
    const { gateway, voters } = this.#identity;
    const { instance, labels, timings } = this.#options;
    const now = clock.steady();
    const askedAtMs = clock.awake();
    const claims = [...this.#candidacies.values()].map(({ network, epoch, state }) => {
      return { network, epoch: state === 'waits' ? 0 : epoch, state };
    });
    this.#beats.dueMs = now + timings.beatMs;
    tellAll(this.#beats.next({ gateway, instance, voters, labels, away: this.#away, claims }, askedAtMs));
    if (this.#alone || !voters.includes(gateway) || now < this.#voter.muteUntilMs) return;
    const { granted } = this.#voter.judge(instance, claims, now);
    for (const network of granted) {
      const candidacy = this.#candidacies.get(network);
      if (candidacy !== undefined) this.#granted(candidacy, gateway, askedAtMs);
    }
  }

  /** A vote, for one ttl from before it was asked for. */
  #granted(candidacy: Candidacy, voter: string, askedAtMs: number): void {
    const { ttlMs, marginMs } = this.#options.timings;
    candidacy.granted(voter, askedAtMs + ttlMs - marginMs);
    this.#maybeWon(candidacy);
  }

  /** At most one network at a time goes to a gateway that should have it and has been there steadily. */
  #rebalance(): void {
    const now = this.#ports.clock.steady();
    const { gateway, labels, timings } = this.#options;
    if (now - this.#lastMoveMs < timings.movePauseMs) return;
    const move = dueMove(this.#candidacies.values(), this.#company, { gateway, labels }, timings, now);
    if (move === null) return;
    this.#lastMoveMs = now;
    this.#ports.shouldMove(move.network, move.to);
  }

  #waitMs(): number {
    const { clock } = this.#ports;
    const [steady, awake] = [clock.steady(), clock.awake()];
    const waits = [...this.#candidacies.values()].map((candidacy) => {
      if (candidacy.state === 'holds') return this.#untilMs(candidacy) - awake;
      return candidacy.state === 'asks' ? candidacy.giveUpAtMs - awake : this.#dueAt(candidacy) - steady;
    });
    const beatMs = this.#hasCompany() ? this.#beats.dueMs - steady : LONGEST_WAIT_MS;
    return Math.max(1, Math.min(LONGEST_WAIT_MS, beatMs, ...waits));
  }
}

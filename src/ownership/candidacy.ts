import type { ClaimState } from './types.js';

/**
 * What this gateway wants of one network, and the votes that it has for it. Deadlines are of the awake clock: each is
 * counted from before the voter was asked, so it is over before the vote is.
 */
export class Candidacy {
  prefer: readonly string[];
  state: ClaimState = 'waits';
  epoch = 0;
  /** The first beat that asked for this epoch: votes for earlier ones are for another lease. */
  firstRound = 0;
  /** While it asks: when the votes are given back. */
  giveUpAtMs = 0;
  /** Failed attempts in a row. */
  failures = 0;
  /** Not asked for before. Steady clock, as all below. */
  notBeforeMs = 0;
  /** Since when nobody else is known to own it, or null while somebody does. */
  freeSinceMs: number | null = null;
  /** Handed to another gateway, or to us. */
  reserved: { readonly for: string; readonly untilMs: number; readonly pinned: boolean } | null = null;
  /** The tenant is told to go and has not gone yet. It may not begin anew before. */
  closing = false;
  /** Moved here by a person. */
  pinned = false;
  heldSinceMs = 0;
  readonly #deadlines = new Map<string, number>();

  constructor(
    readonly network: string,
    prefer: readonly string[],
  ) {
    this.prefer = prefer;
  }

  ask(epoch: number, round: number, giveUpAtMs: number): void {
    this.state = 'asks';
    this.epoch = epoch;
    this.firstRound = round;
    this.giveUpAtMs = giveUpAtMs;
    this.#deadlines.clear();
  }

  granted(voter: string, deadlineMs: number): void {
    this.#deadlines.set(voter, Math.max(deadlineMs, this.#deadlines.get(voter) ?? 0));
  }

  /** Until when a majority stands behind it. */
  untilMs(majority: number): number {
    const latest = [...this.#deadlines.values()].sort((one, other) => other - one);
    return latest[majority - 1] ?? Number.NEGATIVE_INFINITY;
  }

  rest(): void {
    this.state = 'waits';
    this.pinned = false;
    this.freeSinceMs = null;
    this.#deadlines.clear();
  }
}

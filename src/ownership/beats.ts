import type { Ballot, Beat, Release } from './types.js';

/** How many questions stay open for an answer. */
const ROUNDS_KEPT = 32;

/** The beats of this gateway: their numbers, when each was asked, and what the next one carries along. */
export class Beats {
  /** When the next is due, steady clock. */
  dueMs = 0;
  #round = 0;
  /** When each was about to be sent, awake clock. */
  readonly #asked = new Map<number, number>();
  #releases: Release[] = [];
  /** By instance. */
  readonly #ballots = new Map<string, Ballot>();

  get nextRound(): number {
    return this.#round + 1;
  }

  /** Awake clock; undefined: never asked, or too long ago for an answer to count. */
  askedAtMs(round: number): number | undefined {
    return this.#asked.get(round);
  }

  addRelease(release: Release): void {
    this.#releases.push(release);
  }

  /** The latest for an instance stands for those before. */
  addBallot(ballot: Ballot): void {
    this.#ballots.set(ballot.to, ballot);
  }

  /** The next beat, with what was to go with it; `askedAtMs`: now, awake clock. */
  next(beat: Omit<Beat, 'round' | 'releases' | 'ballots'>, askedAtMs: number): Beat {
    this.#round += 1;
    this.#asked.set(this.#round, askedAtMs);
    this.#asked.delete(this.#round - ROUNDS_KEPT);
    const releases = this.#releases;
    this.#releases = [];
    const ballots = [...this.#ballots.values()];
    this.#ballots.clear();
    return { ...beat, round: this.#round, releases, ballots };
  }
}

/** What is known of the past. Times are ms since 1970. */
import type { BroadcastTexts } from '../../src/config/index.js';

/** One call that was said. */
export interface Said {
  readonly time: number;
  /** The identity, or the author where there is none. */
  readonly person: string;
  /** Network and channel. */
  readonly channel: string;
  readonly text: string;
}

/** What one gateway has said and refused of one list. */
export interface ListRecord {
  /** Oldest first; as long ago as any limit of the list reaches. */
  readonly said: readonly Said[];
  readonly called: number;
  /** How many of `called` were said. */
  readonly told: number;
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
}

/** What one gateway has against one person. */
export interface PersonRecord {
  /** As they were called then: how operators name them. */
  readonly name: string;
  readonly warnings: readonly number[];
  readonly mutes: readonly Mute[];
  /** Nothing from this time or before counts any more. */
  readonly pardoned: number;
}

export interface Mute {
  readonly since: number;
  readonly until: number;
}

/** A channel that does not hear a list, nor call it. */
export interface OptOut {
  /** Null: every list. */
  readonly list: string | null;
  readonly network: string;
  readonly channel: string;
  /** Author id. */
  readonly by: string;
  readonly time: number;
}

export interface Pause {
  readonly list: string;
  readonly by: string;
  /** Null: until somebody resumes it. */
  readonly until: number | null;
}

/** Why a call was not said: the name of the text that tells the caller, and what it is counted as. */
export type Refusal = Exclude<keyof BroadcastTexts, 'done' | 'dryRun' | 'warning' | 'mutedNow'>;

/** Calls of one list that one gateway remembers: beyond, it refuses rather than forget a limit. */
export const MAX_SAID = 1_000;

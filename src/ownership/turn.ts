import type { Candidacy } from './candidacy.js';
import type { Timings } from './types.js';

/** What decides when it is our turn. Times are of the steady clock, ms. */
export interface Situation {
  readonly nowMs: number;
  /** When our own vote for the network is free. */
  readonly freeAtMs: number;
  readonly muteUntilMs: number;
  /** Nobody is known to hold it, we may own networks, and enough voters are there. */
  readonly possible: boolean;
  readonly gateway: string;
  /** Ours in line; 0 is first. */
  readonly place: () => number;
  readonly timings: Timings;
}

/** What only a message can change is looked at anyhow, as silence is no message. */
const POLL_MS = 100;

/**
 * When to ask for the network, or to look again. Those in line wait one after the other from the moment that it is free,
 * so that votes are not split; while it is reserved only the one it is reserved for asks.
 */
export function turnOf(candidacy: Candidacy, situation: Situation): number {
  const { nowMs, freeAtMs, muteUntilMs, possible, gateway, timings } = situation;
  if (!possible || freeAtMs > nowMs || muteUntilMs > nowMs) {
    candidacy.freeSinceMs = null;
    return Math.max(freeAtMs, muteUntilMs, nowMs + POLL_MS);
  }
  candidacy.freeSinceMs ??= nowMs;
  if (candidacy.reserved !== null && candidacy.reserved.untilMs <= nowMs) candidacy.reserved = null;
  const { reserved } = candidacy;
  if (reserved?.for === gateway) return Math.max(candidacy.notBeforeMs, candidacy.freeSinceMs);
  const turnMs = candidacy.freeSinceMs + situation.place() * timings.staggerMs;
  return Math.max(candidacy.notBeforeMs, reserved?.untilMs ?? 0, turnMs);
}

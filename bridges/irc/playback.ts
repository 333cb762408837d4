/**
 * Tells what is said now from what a bouncer or the server's history repeats.
 *
 * Problem: ZNC and chathistory repeat old lines, which would be relayed again. Idea: a cursor per channel, the newest
 * server-time seen there; a repeated line not newer than it is dropped. It starts at our JOIN (what was said
 * before we came is not ours to relay) and outlives a reconnect, so that what was missed meanwhile still passes.
 * Inside a history batch the cursor is exact. Outside, a line is taken for playback only when it is minutes older:
 * some networks stamp a line on the server where it was said, whose clock may be slow, and live lines must not be lost.
 * What was said to us alone is a command: said twice it is done twice, so there nothing that may be a repetition passes:
 * nothing from a history, nothing older than our connection by the server's own clock.
 * What it cannot do: tell playback without server-time from live lines, or know what an earlier process has relayed
 * (there the message ids do).
 */
import type { Network } from '../../src/bridge.js';
import { type Line, timeOf } from './line.js';

export interface Playback {
  /** The welcome came. */
  welcomed(welcome: Line): void;
  /** Starts the cursor of a channel that has none. */
  start(channel: string, joined: Line): void;
  /** False for a line that repeats what was heard, or what was said before we came. */
  admits(channel: string, time: Date | undefined, batchTypes: readonly string[]): boolean;
  /** The same for what was said to us alone. */
  admitsPrivately(time: Date | undefined, batchTypes: readonly string[]): boolean;
}

const TOLERANCE_MS = 5 * 60_000;
const HISTORY = new Set(['chathistory', 'draft/chathistory', 'znc.in/playback', 'playback']);

/** By the network that the core lends, because each reconnect opens a new connection of the same one. */
const CURSORS = new WeakMap<Network, Map<string, number>>();

export function createPlayback(network: Network): Playback {
  const cursors = CURSORS.get(network) ?? new Map<string, number>();
  CURSORS.set(network, cursors);
  let welcomeMs = Number.NEGATIVE_INFINITY;
  return {
    welcomed(welcome) {
      welcomeMs = timeOf(welcome)?.getTime() ?? welcomeMs;
    },
    start(channel, joined) {
      if (!cursors.has(channel)) cursors.set(channel, (timeOf(joined) ?? new Date()).getTime());
    },
    admits(channel, time, batchTypes) {
      if (time === undefined) return true;
      const cursor = cursors.get(channel) ?? 0;
      const ms = time.getTime();
      const repeated = isHistory(batchTypes) ? ms <= cursor : ms < cursor - TOLERANCE_MS;
      if (ms > cursor) cursors.set(channel, ms);
      return !repeated;
    },
    admitsPrivately: (time, batchTypes) =>
      !isHistory(batchTypes) && (time === undefined || time.getTime() >= welcomeMs),
  };
}

function isHistory(batchTypes: readonly string[]): boolean {
  return batchTypes.some((type) => HISTORY.has(type));
}

/**
 * Follows a clustered server: waiting, usable, waiting again when the majority or its leader is lost.
 *
 * Problem: nats-server 2.9.10 may have its routes, in a cluster whose other members have a leader, and never hear of
 * that leader (seen when it first could not reach anybody). Only a restart helps. Idea: when a majority is seen, one of
 * them knows a leader, and still none answers here within a patience, say so; whoever runs the server starts it again,
 * with more patience next time. Where nobody knows a leader an election goes on, which a restart only delays: 4–9 s are
 * usual, and each try of a server with an old log, which nobody votes for, puts off the others'. That gets longer.
 * Why safe: with too few nodes, or while this server does not answer at all (frozen, cut off), the clock stands; a
 * restart loses nothing that was acknowledged. What it cannot do: be sure; hence the doubling.
 */
import type { Logger } from '../log.js';
import { openSight, type Progress, type SightAddresses, untilLost, untilUsable } from './readiness.js';

const LONGEST_PATIENCE_MS = 5 * 60_000;
/** So many times the patience, when no node knows a leader. */
const ELECTION_SHARE = 4;

export interface LookoutSource {
  readonly addresses: SightAddresses;
  /** How many see each other when all are there. */
  readonly members: number;
  readonly patience: Patience;
  readonly seen: (up: number) => void;
  readonly usable: () => void;
  /** A majority is there, and no leader answered for so long. Not told again before the patience is over once more. */
  readonly stuck: (waitedMs: number) => void;
}

/** Ends by rejecting, when the signal is aborted. */
export async function lookOut(source: LookoutSource, signal: AbortSignal, log: Logger): Promise<never> {
  const sight = await openSight(source.addresses, signal, log);
  try {
    for (;;) {
      await untilUsable(sight, impatient(source), signal);
      source.patience.reset();
      source.usable();
      await untilLost(sight, signal);
    }
  } finally {
    await sight.close();
  }
}

/** Looks at every count of nodes, and tells when the patience is over. */
export function impatient({ members, patience, seen, stuck }: Omit<LookoutSource, 'addresses' | 'usable'>) {
  const majority = Math.floor(members / 2) + 1;
  let [since, ledSince]: (number | null)[] = [null, null];
  return ({ up, led }: Progress): void => {
    seen(up);
    const now = performance.now();
    since = up < majority ? null : (since ?? now);
    ledSince = since === null || !led ? null : (ledSince ?? now);
    const isStuck =
      (ledSince !== null && now - ledSince >= patience.ms) ||
      (since !== null && now - since >= patience.ms * ELECTION_SHARE);
    if (since === null || !isStuck) return;
    stuck(Math.round(now - since));
    since = null;
    ledSince = null;
    patience.lengthen();
  };
}

/** How long to wait for a leader before a restart; outlives the servers that are started again. */
export class Patience {
  readonly #firstMs: number;
  #ms: number;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
    this.#ms = firstMs;
  }

  get ms(): number {
    return this.#ms;
  }

  lengthen(): void {
    // Not all members at the same moment.
    this.#ms = Math.min(this.#ms * (2 + Math.random() / 2), LONGEST_PATIENCE_MS);
  }

  reset(): void {
    this.#ms = this.#firstMs;
  }
}

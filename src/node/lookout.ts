/**
 * Follows a clustered server: waiting, usable, waiting again when the majority or its leader is lost.
 *
 * Problem: nats-server 2.9.10 may have its routes, in a cluster whose other members have a leader, and never hear of
 * that leader (seen when it first could not reach anybody). Only a restart helps. Idea: when a majority is seen, and
 * still no leader answers within a patience, say so; whoever runs the server starts it again, with more patience next
 * time. Why safe: with too few nodes, or while this server does not answer at all (frozen, cut off), the clock stands;
 * a restart loses nothing that was acknowledged. What it cannot do: tell a server that is stuck from an election that
 * takes longer than the patience (4–9 s are usual): hence the doubling.
 */
import type { Logger } from '../log.js';
import { openSight, type SightAddresses, untilLost, untilUsable } from './readiness.js';

const LONGEST_PATIENCE_MS = 5 * 60_000;

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

function impatient({ members, patience, seen, stuck }: LookoutSource) {
  const majority = Math.floor(members / 2) + 1;
  let since: number | null = null;
  return ({ up }: { readonly up: number }): void => {
    seen(up);
    const now = performance.now();
    since = up < majority ? null : (since ?? now);
    if (since === null || now - since < patience.ms) return;
    stuck(Math.round(now - since));
    since = null;
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

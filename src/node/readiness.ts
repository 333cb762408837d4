/**
 * Whether the streams of a clustered node can be used.
 *
 * A server of a cluster runs, and takes clients, long before a majority has chosen a leader; without one every request
 * about streams fails. So a node that starts first waits for the others, and says for how many of them, rather than
 * failing. What it does not do: watch a cluster that was ready once; those who use it see that for themselves.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type BusAddress, openProbe, type Probe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';

const ASK_MS = 500;
const AGAIN_MS = 100;
const COUNT_WINDOW_MS = 250;
/** The count is looked up this often only: it costs a window. */
const COUNT_EVERY = 5;

export interface Progress {
  /** Nodes that are seen, this one too. */
  readonly up: number;
}

/** Resolves once the leader answers; rejects when the signal is aborted. */
export async function untilUsable(
  addresses: { readonly main: BusAddress; readonly system: BusAddress },
  told: (progress: Progress) => void,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const [main, system] = await Promise.all([
    probe(addresses.main, signal, log),
    probe(addresses.system, signal, log),
  ]);
  try {
    for (let round = 0; ; round += 1) {
      signal.throwIfAborted();
      if (await main.answers(ASK_MS)) return;
      if (round % COUNT_EVERY === 0) told({ up: (await system.servers(COUNT_WINDOW_MS)).length });
      await pause(AGAIN_MS, undefined, { signal });
    }
  } finally {
    await Promise.all([main.close(), system.close()]);
  }
}

/** The server may be starting again. */
async function probe(address: BusAddress, signal: AbortSignal, log: Logger): Promise<Probe> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await openProbe(address, log);
    } catch (error) {
      log.debug('cannot ask the server yet', { reason: reasonOf(error) });
      await pause(AGAIN_MS, undefined, { signal });
    }
  }
}

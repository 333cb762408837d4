/**
 * Whether the streams of a clustered node can be used.
 *
 * A server of a cluster runs, and takes clients, long before a majority has chosen a leader; without one every request
 * about streams fails. So a node that starts first waits for the others, and says for how many of them, rather than
 * failing.
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
/** How often a leader that is there is asked after, and how long it may take. */
const LOOK_MS = 2000;
/** Once is no proof: the machine may be busy. */
const MISSES = 2;

export interface Progress {
  /** Nodes that are seen, this one too; 0: not even this one answers. */
  readonly up: number;
  /** One of them knows a leader. */
  readonly led: boolean;
}

/** Connections to one server, to ask it how its cluster is. */
export interface Sight {
  /** JetStream has a leader, and it answers. */
  usable(timeoutMs: number): Promise<boolean>;
  /** The nodes that are seen, this one too. */
  count(): Promise<Progress>;
  close(): Promise<void>;
}

export interface SightAddresses {
  readonly main: BusAddress;
  readonly system: BusAddress;
}

/** Resolves once the server takes clients; rejects when the signal is aborted. */
export async function openSight(addresses: SightAddresses, signal: AbortSignal, log: Logger): Promise<Sight> {
  const [main, system] = await both(probe(addresses.main, signal, log), probe(addresses.system, signal, log));
  return {
    usable: (timeoutMs) => main.answers(timeoutMs),
    count: async () => {
      const views = await system.views(COUNT_WINDOW_MS);
      return { up: views.length, led: views.some(({ hasLeader }) => hasLeader) };
    },
    close: async () => {
      await Promise.all([main.close(), system.close()]);
    },
  };
}

/** One that was opened while the other failed would connect again and again, for nobody. */
async function both(one: Promise<Probe>, other: Promise<Probe>): Promise<readonly [Probe, Probe]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    for (const opening of [one, other]) {
      void opening.then(
        (opened) => opened.close(),
        () => {},
      );
    }
    throw error;
  }
}

/** Resolves once the leader answers; rejects when the signal is aborted. */
export async function untilUsable(
  sight: Sight,
  told: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    signal.throwIfAborted();
    if (await sight.usable(ASK_MS)) break;
    if (round % COUNT_EVERY === 0) {
      const progress = await sight.count();
      signal.throwIfAborted();
      told(progress);
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
  signal.throwIfAborted();
}

/** Resolves once the leader answers no more; rejects when the signal is aborted. */
export async function untilLost(sight: Sight, signal: AbortSignal): Promise<void> {
  for (let missed = 0; missed < MISSES; ) {
    await pause(LOOK_MS, undefined, { signal });
    missed = (await sight.usable(LOOK_MS)) ? 0 : missed + 1;
    signal.throwIfAborted();
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

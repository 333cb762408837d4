/** Looks now and then whether this server's copy of the room log is what the others have. What can be wrong: comparison.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import { type BusAddress, openProbe, type Probe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { Comparison } from './comparison.js';

const EVERY_MS = 5000;
const WINDOW_MS = 500;
/** Looks in a row, at most: while much is said, two copies end alike only in one that is quick after the other. */
const LOOKS = 10;
/** Once is no proof. */
const ROUNDS = 2;

export interface CopiesSource {
  /** The system user of this server. */
  readonly address: BusAddress;
  readonly stream: string;
  /** Names of this server, and of all of the cluster. */
  readonly self: string;
  readonly servers: readonly string[];
}

/** Resolves once this server's copy was found to be another than that of most; rejects when the signal is aborted. */
export async function untilOdd(source: CopiesSource, signal: AbortSignal, log: Logger): Promise<void> {
  const comparison = new Comparison(source.stream);
  let probe: Probe | null = null;
  try {
    for (let rounds = 0; rounds < ROUNDS; ) {
      await pause(EVERY_MS, undefined, { signal });
      try {
        probe ??= await openProbe(source.address, log);
        await look(probe, source, comparison);
      } catch (error) {
        log.debug('cannot compare the copies yet', { reason: reasonOf(error) });
      }
      rounds = comparison.isOdd(source.self, source.servers) ? rounds + 1 : 0;
    }
  } finally {
    await probe?.close();
  }
}

async function look(probe: Probe, { servers }: CopiesSource, comparison: Comparison): Promise<void> {
  comparison.round(await probe.holdings(WINDOW_MS, servers.length), servers);
  for (let looks = 1; looks < LOOKS && !comparison.endAlike(servers); looks += 1) {
    comparison.add(await probe.holdings(WINDOW_MS, servers.length));
  }
}

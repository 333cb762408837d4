/** Looks now and then whether this server's copy of the room log is what the others have. What can be wrong: comparison.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import { type BusAddress, openProbe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { Comparison } from './comparison.js';

const EVERY_MS = 5000;
const WINDOW_MS = 500;
/** Looks in a row: while much is said, two copies end alike only in one that is quick after the other. */
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
  for (let rounds = 0; rounds < ROUNDS; ) {
    await pause(EVERY_MS, undefined, { signal });
    await look(source, comparison, log).catch((error: unknown) => {
      log.debug('cannot compare the copies yet', { reason: reasonOf(error) });
    });
    rounds = comparison.isOdd(source.self, source.servers) ? rounds + 1 : 0;
  }
}

async function look({ address, servers }: CopiesSource, comparison: Comparison, log: Logger): Promise<void> {
  const probe = await openProbe(address, log);
  try {
    comparison.round(await probe.holdings(WINDOW_MS, servers.length), servers);
    for (let i = 1; i < LOOKS; i++) comparison.add(await probe.holdings(WINDOW_MS, servers.length));
  } finally {
    await probe.close();
  }
}

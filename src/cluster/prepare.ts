/** What a node does before anybody may use its streams: go on growing, or wait for the cluster that it joined. */
import { setTimeout as pause } from 'node:timers/promises';
import { openCaller } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import {
  type Bench,
  type ClusterState,
  ensureCredentials,
  readClusterFile,
  type StoreFiles,
  writeClusterFile,
} from '../node/index.js';
import { awaitGrowth, type BeforeMark, grow } from './growth.js';
import { endJoining, type Joining, readJoining } from './join.js';

const AGAIN_MS = 3000;
const ASK_EVERY_MS = 1000;
const ASK_MS = 5000;

/** Rejects only when the signal is aborted. */
export async function prepareNode(bench: Bench, log: Logger, signal: AbortSignal): Promise<void> {
  await growAtLast(bench, log, signal);
  const joining = await readJoining(bench.files);
  if (joining === null) return;
  const target = await decided(bench.files, joining, log, signal);
  await again('joining', log, signal, () => awaitGrowth(bench, target, log, signal));
  await endJoining(bench.files);
}

/**
 * Again and again: half grown, the server must not be given back to its clients, who would make empty streams where
 * saved ones belong.
 */
export function growAtLast(
  bench: Bench,
  log: Logger,
  signal: AbortSignal,
  beforeMark?: BeforeMark,
): Promise<void> {
  return again('growing', log, signal, () => grow(bench, log, signal, beforeMark));
}

async function again(
  what: string,
  log: Logger,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      log.error(`${what}: failed, and begins again`, { reason: reasonOf(error), inMs: AGAIN_MS });
      await pause(AGAIN_MS, undefined, { signal });
    }
  }
}

/** With two nodes the log would stop when either is gone: the second waits for the third. */
async function decided(
  files: StoreFiles,
  joining: Joining,
  log: Logger,
  signal: AbortSignal,
): Promise<ClusterState> {
  const own = await readClusterFile(files.cluster);
  if (own?.mode === 'cluster') return own;
  for (let isTold = false; ; isTold = true) {
    const target = await askTarget(files, joining).catch((error: unknown) => {
      log.debug('the inviter does not answer yet', { reason: reasonOf(error) });
      return null;
    });
    if (target !== null) {
      const state = { ...target, self: own?.self ?? target.self };
      await writeClusterFile(files.cluster, state);
      return state;
    }
    if (!isTold) {
      log.info('waiting for a third node: with two, the log would stop when either is gone', {
        next: '`parley node invite` on the first machine',
      });
    }
    await pause(ASK_EVERY_MS, undefined, { signal });
  }
}

async function askTarget(
  { credentials, tls }: StoreFiles,
  { addresses, tls: secure, prefix }: Joining,
): Promise<ClusterState | null> {
  const { users } = await ensureCredentials(credentials);
  const servers = addresses.map((address) => `${secure ? 'tls' : 'nats'}://${address}`);
  const address = { servers, ...users.gateway, ...(secure ? { tls: { ca: tls.ca } } : {}) };
  const caller = await openCaller({ address, prefix });
  try {
    return await caller.request<ClusterState | null>(['node', 'target'], {}, ASK_MS);
  } finally {
    await caller.close();
  }
}

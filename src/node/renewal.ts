/**
 * Before a server is started whose streams may be damaged (doubt.ts): in a cluster it begins empty, and gets all of it
 * from the others anew.
 *
 * Problem: a member whose writes failed does not know what it lacks, says that it is current, and may lead: the others
 * then follow it, and lose what they had (seen with 2.9.10: 25,000 of 78,000 arrivals). Idea: put aside what it has,
 * once the others have all of it without this one. Why it is safe: spare.ts. What it cannot do: help a node alone, or
 * one whose others are not there in time: that starts with what it has, which is better than nothing.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openProbe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { encodeToken } from '../message/index.js';
import { type DiskSpace, hasRoom, spaceOf } from './disk-space.js';
import { endDoubt, isDoubted } from './doubt.js';
import { addressOf, type Plan } from './plan.js';
import { ACCOUNT } from './server-config.js';
import { whyNeeded } from './spare.js';
import type { StoreFiles } from './store.js';

const WINDOW_MS = 1000;
const AGAIN_MS = 500;
const ROOM_MS = 1000;

/** Resolves when the server may be started: at the latest so long after there is room. Rejects when the signal is aborted. */
export async function renewed(
  plan: Plan,
  log: Logger,
  signal: AbortSignal,
  patienceMs: number,
): Promise<void> {
  const { files, state } = plan;
  if (state?.mode === 'cluster' && (await isDoubted(files))) {
    const space = await untilRoom(files, log, signal);
    const reason = await untilSpared(plan, log, signal, patienceMs);
    if (reason === null) await begin(files, space, log);
    else {
      log.error('the streams of this node may be damaged, and the others cannot give them anew', {
        reason,
        fix: `When \`parley node list\` shows the others up and current: stop this node, remove ${files.jetstream}, start it.`,
      });
    }
  }
  await endDoubt(files).catch((error: unknown) => {
    log.warn('cannot note that the streams are sound', { reason: reasonOf(error) });
  });
}

async function untilRoom(files: StoreFiles, log: Logger, signal: AbortSignal): Promise<DiskSpace> {
  for (let told = false; ; told = true) {
    const space = await spaceOf(files.directory);
    if (hasRoom(space)) return space;
    if (!told) log.error('nats-server is not started until there is room on its disk', { ...space });
    await pause(ROOM_MS, undefined, { signal });
  }
}

/** Null once the others have everything without this one; otherwise what was missing in the end. */
async function untilSpared(
  plan: Plan,
  log: Logger,
  signal: AbortSignal,
  patienceMs: number,
): Promise<string | null> {
  const end = performance.now() + patienceMs;
  log.warn('the streams of this node may be damaged: they are to come anew from the others');
  for (;;) {
    const reason = await whyNotYet(plan, log).catch(reasonOf);
    if (reason === null || performance.now() > end) return reason;
    log.debug('the others cannot give the streams anew yet', { reason });
    await pause(AGAIN_MS, undefined, { signal });
  }
}

async function whyNotYet(plan: Plan, log: Logger): Promise<string | null> {
  const { files, credentials, node } = plan;
  const address = addressOf(plan, 0, credentials.users.sys);
  const probe = await openProbe({ ...address, servers: address.servers.slice(1) }, log);
  try {
    const [answers, streams] = await Promise.all([probe.holdings(WINDOW_MS), streamsIn(files)]);
    return whyNeeded(answers, encodeToken(node.name), streams);
  } finally {
    await probe.close();
  }
}

/** Names of the streams that are on this disk. */
async function streamsIn({ jetstream }: StoreFiles): Promise<readonly string[]> {
  return await readdir(join(jetstream, 'jetstream', ACCOUNT, 'streams')).catch(() => []);
}

/** What it had is kept where there is room for both. */
async function begin({ jetstream, aside }: StoreFiles, { freeBytes, leastBytes }: DiskSpace, log: Logger) {
  const bytes = await sizeOf(jetstream).catch(() => 0);
  await rm(aside, { recursive: true, force: true });
  const isKept = freeBytes > bytes + 2 * leastBytes;
  if (isKept) await rename(jetstream, aside).catch(ignoreMissing);
  else await rm(jetstream, { recursive: true, force: true });
  log.warn('this node begins empty and gets its streams from the others', {
    bytes,
    ...(isKept ? { aside } : {}),
  });
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A start that was cut off had put it aside already. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

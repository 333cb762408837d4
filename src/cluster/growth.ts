/**
 * Problem: streams of a server that was alone are lost from view in a cluster, and growing may be cut off at any moment.
 * Idea: a file says what is to become (`target`) and which of four steps is under way; each step can be done again.
 *
 *   gather   the first node goes on as it is, until the others' servers listen
 *   save     nobody reaches the server; every stream goes to a file (see bus/move)
 *   switch   the old streams are moved aside, cluster.json becomes the target
 *   restore  the three form a cluster which nobody reaches yet; streams come back with three copies, then a mark
 *
 * Why safe: the old streams are removed only after every copy of every new one was checked. Before the mark no gateway
 * of any of the three opens a bus, so none makes an empty stream in the place of a saved one; and the first one has given up
 * what it owned alone (`beforeMark`). After it nothing is restored any more: gateways may write by then. They hold
 * what they have not stored, as in any outage. Then the servers leave the bench one after the other (see turn.ts).
 * What it cannot do: while one of the three nodes is away `restore` waits, and the log stays away meanwhile.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Mover, openMover } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import {
  type Bench,
  type BenchServer,
  type ClusterState,
  checkClusterState,
  type StoreFiles,
  syncDirectory,
  writeClusterFile,
  writePrivately,
} from '../node/index.js';
import { forgetPact } from './kept-pact.js';
import { untilTurn } from './turn.js';

const MARK = 'PARLEY_FORMED';
const COPIES = 3;
const LOOK_MS = 250;
const TELL_MS = 5000;
/** Looks at what was restored once more: a server may have removed it meanwhile. */
const PASSES = 3;
const STEPS = ['gather', 'save', 'switch', 'restore'] as const;
type Step = (typeof STEPS)[number];

export interface Growth {
  readonly target: ClusterState;
  readonly step: Step;
}

const growthSpec = z.strictObject({ version: z.literal(1), target: z.unknown(), step: z.enum(STEPS) });

function placesOf({ directory }: StoreFiles) {
  const root = join(directory, 'grow');
  return {
    root,
    file: join(root, 'growth.json'),
    streams: join(root, 'streams'),
    before: join(root, 'before'),
  };
}

/** Null: the node does not grow. Throws CLUSTER_INVALID for a damaged file. */
export async function readGrowth(files: StoreFiles): Promise<Growth | null> {
  const { file } = placesOf(files);
  if (!existsSync(file)) return null;
  try {
    const { target, step } = growthSpec.parse(JSON.parse(await readFile(file, 'utf8')));
    return { target: checkClusterState(target, file), step };
  } catch (error) {
    throw new ParleyError('CLUSTER_INVALID', `${file}: ${reasonOf(error)}`, {
      fix: 'Keep the whole directory: the streams are in it. Ask for help with the log of this node.',
      cause: error,
    });
  }
}

export async function writeGrowth(files: StoreFiles, growth: Growth): Promise<void> {
  const { root, file } = placesOf(files);
  await mkdir(root, { recursive: true, mode: 0o700 });
  // Others may act by the target from now on: it must not be lost, and made anew with other members.
  await syncDirectory(files.directory);
  await writePrivately(file, `${JSON.stringify({ version: 1, ...growth }, null, 2)}\n`);
}

/** What a gateway does before others may think themselves owners, too. */
export type BeforeMark = (target: ClusterState) => Promise<void>;

/** Takes the node from `save` to the end; after a crash, from the step that was under way. Nothing when none is. */
export async function grow(
  bench: Bench,
  log: Logger,
  signal: AbortSignal,
  beforeMark: BeforeMark = async () => {},
): Promise<void> {
  const { files } = bench;
  const growth = await readGrowth(files);
  if (growth === null || growth.step === 'gather') return;
  const { target } = growth;
  if (growth.step === 'save') {
    await bench.run(null, signal, (server) => withMover(server, (mover) => saveAll(mover, files, log)));
    await writeGrowth(files, { target, step: 'switch' });
  }
  if (growth.step === 'save' || growth.step === 'switch') {
    await moveAside(files);
    await forgetPact(files);
    await writeClusterFile(files.cluster, target);
    await writeGrowth(files, { target, step: 'restore' });
  }
  await bench.run(target, signal, (server) => restore(server, target, files, log, beforeMark));
  await rm(placesOf(files).root, { recursive: true, force: true });
  log.info('growing: done', { members: target.members.map(({ name }) => name).join(' ') });
}

async function restore(
  server: BenchServer,
  target: ClusterState,
  files: StoreFiles,
  log: Logger,
  beforeMark: BeforeMark,
): Promise<void> {
  const { members } = target;
  log.info('growing: waiting for the other nodes', { members: members.length });
  await server.ready((up) => log.debug('growing: nodes', { up, members: members.length }));
  await withMover(server, async (mover) => {
    // Cut off after the mark: the streams are others' by now.
    const isMarked = await isMarkedForSure(mover, server.signal);
    if (!isMarked) {
      await untilAllUp(server, members.length, log);
      await restoreAll(mover, files, log);
    }
    await beforeMark(target);
    if (!isMarked) await mover.mark(MARK, COPIES);
  });
}

/** On the machines that join: resolves when the cluster has all streams, and this one may leave the bench. */
export async function awaitGrowth(
  bench: Bench,
  target: ClusterState,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  await bench.run(target, signal, async (server) => {
    await server.ready((up) => log.debug('joining: nodes', { up, members: target.members.length }));
    log.info('joining: waiting for the streams of the cluster');
    await withMover(server, async (mover) => {
      while (!(await mover.isMarked(MARK).catch(() => false))) {
        await pause(LOOK_MS, undefined, { signal: server.signal });
      }
    });
    await untilTurn(server, target, log);
  });
}

/** Rejects only when the signal is aborted. */
async function isMarkedForSure(mover: Mover, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    try {
      return await mover.isMarked(MARK);
    } catch {
      await pause(LOOK_MS, undefined, { signal });
    }
  }
}

/** Three copies cannot be placed before. */
async function untilAllUp({ views, signal }: BenchServer, members: number, log: Logger): Promise<void> {
  for (let toldAt = Number.NEGATIVE_INFINITY; ; ) {
    const up = (await views()).length;
    if (up >= members) return;
    if (performance.now() - toldAt > TELL_MS) {
      log.info('growing: all nodes must be up, for three copies of each stream', { up, members });
      toldAt = performance.now();
    }
    await pause(LOOK_MS, undefined, { signal });
  }
}

async function saveAll(mover: Mover, files: StoreFiles, log: Logger): Promise<void> {
  const { streams } = placesOf(files);
  await mkdir(streams, { recursive: true, mode: 0o700 });
  // A mark of another growth would let everybody in before the streams are there.
  const names = (await mover.streams()).filter((name) => name !== MARK);
  for (const [index, name] of names.entries()) {
    const { state, bytes } = await mover.save(name, streams, telling(log, 'growing: saving', name));
    log.info('growing: saved', {
      stream: name,
      messages: state.messages,
      bytes,
      done: index + 1,
      of: names.length,
    });
  }
}

async function restoreAll(mover: Mover, files: StoreFiles, log: Logger): Promise<void> {
  const { streams } = placesOf(files);
  const all = await mover.saved(streams);
  for (let pass = 1; pass <= PASSES; pass += 1) {
    let missing = 0;
    for (const [index, { stream, state, bytes }] of all.entries()) {
      const tell = telling(log, 'growing: restoring', stream, bytes);
      if (!(await mover.restore(stream, streams, COPIES, tell))) continue;
      missing += 1;
      log.info('growing: restored', { stream, messages: state.messages, done: index + 1, of: all.length });
    }
    if (missing === 0) return;
  }
  throw new ParleyError('BACKBONE_CONFLICT', `restored streams were lost again ${PASSES} times`, {
    fix: 'It is tried again by itself. Look at the log of nats-server; what was saved is kept.',
  });
}

/** A big stream takes minutes. */
function telling(log: Logger, what: string, stream: string, of?: number): (bytes: number) => void {
  let toldAt = performance.now();
  return (bytes) => {
    if (performance.now() - toldAt < TELL_MS) return;
    toldAt = performance.now();
    log.info(what, { stream, bytes, ...(of === undefined ? {} : { of }) });
  };
}

/** Again without harm: what is aside stays, and what the cluster has made since is not touched. */
async function moveAside(files: StoreFiles): Promise<void> {
  const { before } = placesOf(files);
  if (!existsSync(before) && existsSync(files.jetstream)) await rename(files.jetstream, before);
}

/** A stop, or the death of the server, ends what is under way: the connection closes, and the work fails. */
async function withMover<Result>(
  { address, signal, views }: BenchServer,
  work: (mover: Mover) => Promise<Result>,
): Promise<Result> {
  const mover = await openMover(address, views);
  const close = (): void => void mover.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    return await work(mover);
  } finally {
    signal.removeEventListener('abort', close);
    await mover.close();
  }
}

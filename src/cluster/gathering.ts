import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type Node, parseAddress, type StoreFiles } from '../node/index.js';
import { type BeforeMark, readGrowth, writeGrowth } from './growth.js';
import { growAtLast } from './prepare.js';
import { isReachable } from './reachable.js';

const LOOK_MS = 1000;
const REACH_MS = 2000;

/**
 * On the first node, once three are known: waits until the servers of the others listen, for as long as it takes, then
 * grows. Before that nothing changes: the log is away only while it moves. Resolves when done, or when there is nothing
 * to do; never rejects.
 */
export async function gatherAndGrow(
  node: Node,
  files: StoreFiles,
  log: Logger,
  signal: AbortSignal,
  beforeMark: BeforeMark,
): Promise<void> {
  try {
    const growth = await readGrowth(files);
    if (growth?.step !== 'gather') return;
    const { target } = growth;
    const others = target.members.filter(({ name }) => name !== target.self);
    log.info('growing: waiting for the other nodes to start', {
      nodes: others.map(({ name }) => name).join(' '),
    });
    while (!(await areReachable(others.map(({ route }) => route)))) {
      await pause(LOOK_MS, undefined, { signal });
    }
    await writeGrowth(files, { target, step: 'save' });
    log.info('growing: moving the streams; what is said meanwhile is kept');
    await node.maintain((bench) => growAtLast(bench, log, signal, beforeMark));
  } catch (error) {
    if (!signal.aborted) log.error('cannot grow', { reason: reasonOf(error) });
  }
}

async function areReachable(routes: readonly string[]): Promise<boolean> {
  const reached = await Promise.all(
    routes.map((route) => {
      const { host, port } = parseAddress(route);
      return isReachable(host, port, REACH_MS);
    }),
  );
  return reached.every(Boolean);
}

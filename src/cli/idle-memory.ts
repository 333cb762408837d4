/**
 * Gives memory back after a burst.
 *
 * V8 keeps the heap that a burst has grown until its next full collection, and an idle process may not come to one for
 * hours. So once a busy time is over and nothing happens, one is asked for. Never while messages flow: it takes some
 * 50 ms. V8 offers this only behind `--expose-gc`, which may be set while running.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 2_000;
const BUSY_SHARE = 0.2;
const IDLE_SHARE = 0.01;
/** The first frees, the next ones let the heap shrink. */
const ROUNDS = 3;

export function returnMemoryWhenIdle(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  // Loading the program was busy enough.
  let rounds = ROUNDS;
  setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    if (utilization > BUSY_SHARE) rounds = ROUNDS;
    if (utilization > IDLE_SHARE || rounds === 0) return;
    rounds -= 1;
    collect();
    // What the collection itself took is not traffic.
    before = performance.eventLoopUtilization();
  }, LOOK_EVERY_MS).unref();
}

import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Node, Stretches } from '../node/index.js';

const AGAIN_MS = 1000;
/** Elections are over by then; the log itself may have no leader for a while when an odd server is gone. */
const PATIENCE_MS = 60_000;

/** What a server with an odd copy of the log may have led networks past is read a second time. Returns what ends that. */
export function readAgainWhenMisled(node: Pick<Node, 'onMisled'>, bus: Bus, log: Logger): () => void {
  const ending = new AbortController();
  const unlisten = node.onMisled((stretches) => {
    begin(bus, stretches, ending.signal).catch((error: unknown) => {
      if (ending.signal.aborted) return;
      log.error('what networks may have been led past is not read again', {
        reason: reasonOf(error),
        from: Math.min(...stretches.values()),
      });
    });
  });
  return () => {
    unlisten();
    ending.abort(new Error('the gateway stops'));
  };
}

async function begin(bus: Bus, stretches: Stretches, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await bus.readAgain(stretches);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}

/** What can be seen of a network from its status. */
import { setTimeout as pause } from 'node:timers/promises';
import type { NetworkStatus } from './status.js';

const LOOK_AGAIN_MS = 50;

/** Why nothing can be heard or said in a channel now; null: it can, as far as the network tells. */
export function faultIn(
  channel: string,
  { state, reason, degraded }: Pick<NetworkStatus, 'state' | 'reason' | 'degraded'>,
): string | null {
  if (state !== 'connected') return reason === null ? state : `${state}: ${reason}`;
  return Object.hasOwn(degraded, channel) ? (degraded[channel] ?? null) : null;
}

/** Resolves with what is left once all that waits is said, after so long, or when the network is lost. */
export async function emptied(
  status: () => Pick<NetworkStatus, 'state' | 'lag' | 'queued' | 'inFlight'>,
  timeoutMs: number,
): Promise<number> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const { state, lag, queued, inFlight } = status();
    const left = Math.max(lag, queued + inFlight);
    if (left === 0 || state !== 'connected' || performance.now() > end) return left;
    await pause(LOOK_AGAIN_MS);
  }
}

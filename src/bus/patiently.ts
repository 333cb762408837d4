import { setTimeout as pause } from 'node:timers/promises';
import { ErrorCode, NatsError } from 'nats';
import { ParleyError } from '../errors.js';
import { isUnanswered } from './api-errors.js';

const AGAIN_MS = 100;
/** The election after the loss of a server takes 4–9 s. */
const DEADLINE_MS = 15_000;
/** What the server says when it has no leader for this, or that one cannot do it now (RFC 9110 §15.6). */
const FIRST_SERVER_FAULT = 500;

/**
 * Asks again while a cluster chooses a leader, or until a server is asked that is still there. `exchange` must bear being
 * done twice, and have a deadline of its own, about a second. Throws what the last one threw.
 */
export async function patiently<Result>(
  exchange: () => Promise<Result>,
  goingOn: () => boolean,
): Promise<Result> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await exchange();
    } catch (error) {
      if (!passes(error) || !goingOn() || performance.now() > end) throw error;
      await pause(AGAIN_MS);
    }
  }
}

function passes(error: unknown): boolean {
  if (error instanceof ParleyError) return error.code === 'BACKBONE_UNAVAILABLE';
  if (isUnanswered(error)) return true;
  if (!(error instanceof NatsError)) return false;
  if (error.code === ErrorCode.JetStreamNotEnabled) return false;
  return (error.api_error?.code ?? 0) >= FIRST_SERVER_FAULT;
}

import type { Bridge, Connection, Network } from '../bridge.js';
import { PermanentError, reasonOf, ThrottledError } from '../errors.js';
import type { Logger } from '../log.js';
import { Backoff } from './backoff.js';
import type { Health } from './health.js';

/** A connection that held this long was a good one: the next outage starts with short pauses again. */
const STABLE_MS = 20_000;

export interface SupervisorOptions {
  readonly bridge: Bridge<unknown>;
  readonly settings: unknown;
  readonly network: Network;
  readonly health: Health;
  readonly log: Logger;
  readonly onConnected: (connection: Connection) => void;
  readonly onDisconnected: () => void;
  readonly backoff?: Backoff;
}

/**
 * Open, await closed, back off, open: the only place that reconnects. Settles when `signal` is aborted, or when
 * the bridge says that a person must act first; until then the state says so.
 */
export async function supervise(options: SupervisorOptions, signal: AbortSignal): Promise<void> {
  const backoff = options.backoff ?? new Backoff();
  while (!signal.aborted) {
    const lost = await connectOnce(options, backoff, signal);
    if (signal.aborted) break;
    const reason = reasonOf(lost);
    if (lost instanceof PermanentError) {
      options.health.enter('failed', lost.fix === undefined ? reason : `${reason}. ${lost.fix}`);
      options.log.error('network refused; it stays off until its config changes', { reason, fix: lost.fix });
      return;
    }
    const pauseMs = backoff.next(lost instanceof ThrottledError ? lost.retryAfterMs : 0);
    options.health.enter('retrying', reason, new Date(Date.now() + pauseMs));
    options.log.warn('network lost', { reason, retryInMs: pauseMs });
    await pause(pauseMs, signal);
  }
  options.health.enter('stopped');
}

/** One connection's life. Returns why it ended. */
async function connectOnce(
  options: SupervisorOptions,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<unknown> {
  const { bridge, settings, network, health } = options;
  health.enter('opening');
  try {
    const connection = await bridge.open(settings, network, signal);
    const openedAtMs = Date.now();
    // Before any await: a connection that dies at once must not become an unhandled rejection.
    const ended = connection.closed.then(
      () => new Error('closed without a reason'),
      (error: unknown) => error,
    );
    health.enter('connected');
    options.log.info('network connected');
    options.onConnected(connection);
    const reason = await ended;
    if (Date.now() - openedAtMs >= STABLE_MS) backoff.reset();
    return reason;
  } catch (error) {
    return error;
  } finally {
    options.onDisconnected();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

import { NatsError } from 'nats';
import { ParleyError } from '../errors.js';
import type { Connection } from './connection.js';

/** Runs one exchange with the server; `what` names it in the error. Throws BACKBONE_UNAVAILABLE. */
export type Ask = <Result>(what: string, exchange: () => Promise<Result>) => Promise<Result>;

/** What the client library throws becomes ours; it would wait 5 s to say that the connection is lost. */
export function asking(connection: Connection): Ask {
  return async (what, exchange) => {
    if (connection.state !== 'connected') throw away(what, 'not connected');
    let unlisten: () => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      unlisten = connection.onState((state) => reject(away(what, state)));
    });
    try {
      return await Promise.race([exchange(), lost]);
    } catch (error) {
      throw error instanceof NatsError ? away(what, error.message, error) : error;
    } finally {
      unlisten();
    }
  };
}

function away(what: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `${what}: ${reason}`, {
    fix: 'Check that the nats-server is up; the gateway connects again by itself.',
    cause,
  });
}

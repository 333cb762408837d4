import { NatsError } from 'nats';
import { ParleyError, reasonOf } from '../../errors.js';

/** What the client library throws becomes ours. */
export async function asOurs<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    if (error.isPermissionError()) throw denied(what, error);
    throw new ParleyError('BACKBONE_UNAVAILABLE', `${what}: ${reasonOf(error)}`, {
      fix: 'Check that the nats-server is up; what is done so far is kept.',
      cause: error,
    });
  }
}

function denied(what: string, error: NatsError): ParleyError {
  return new ParleyError('BACKBONE_DENIED', `${what}: ${error.permissionContext?.subject ?? error.message}`, {
    fix: 'Let this user publish there: see docs/cluster.md.',
    cause: error,
  });
}

export function conflict(stream: string, reason: string): ParleyError {
  return new ParleyError('BACKBONE_CONFLICT', `stream ${stream}: ${reason}`, {
    fix: 'Stop whatever else writes to it, and begin again; nothing was removed.',
  });
}

/** Whether a server that was reached is one that Parley can use. */
import type { ServerInfo } from 'nats';
import { ParleyError } from '../errors.js';

const OLDEST = [2, 9] as const;

/** Throws BACKBONE_UNFIT. `behindLeaf`: its JetStream may be that of its hub, so that it has none itself. */
export function checkServer(info: Pick<ServerInfo, 'version' | 'jetstream'>, behindLeaf: boolean): void {
  const [major = 0, minor = 0] = info.version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new ParleyError('BACKBONE_UNFIT', `the nats-server is of version ${info.version}`, {
      fix: `Parley needs ${OLDEST.join('.')} or newer: upgrade it, or name other servers as backbone.servers.`,
    });
  }
  if (info.jetstream !== true && !behindLeaf) throw withoutJetStream('JetStream is not enabled');
}

export function withoutJetStream(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('BACKBONE_UNFIT', `the nats-server has no JetStream for us: ${reason}`, {
    fix: 'Run it with JetStream, enable JetStream for the account of this user, or name other servers.',
    cause,
  });
}

/** Whether a server that was reached is one that Parley can use. */
import type { ServerInfo } from 'nats';
import { ParleyError } from '../errors.js';

const OLDEST = [2, 9] as const;

export interface Standing {
  /** Its JetStream may be that of its hub, so that it has none itself. */
  readonly behindLeaf: boolean;
  /** Without JetStream it is no member any more, which the others tell once we listen: until then they are away. */
  readonly member: boolean;
}

/** Throws BACKBONE_UNFIT; BACKBONE_UNAVAILABLE when it may pass. */
export function checkServer(
  info: Pick<ServerInfo, 'version' | 'jetstream'>,
  { behindLeaf, member }: Standing,
): void {
  const [major = 0, minor = 0] = info.version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new ParleyError('BACKBONE_UNFIT', `the nats-server is of version ${info.version}`, {
      fix: `Parley needs ${OLDEST.join('.')} or newer: upgrade it, or name other servers as backbone.servers.`,
    });
  }
  if (info.jetstream === true || behindLeaf) return;
  if (!member) throw withoutJetStream('JetStream is not enabled');
  throw new ParleyError('BACKBONE_UNAVAILABLE', 'the nats-server of this node takes no part in its cluster', {
    fix: 'See its log; when another member has removed this node, `parley node join` brings it back.',
  });
}

export function withoutJetStream(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('BACKBONE_UNFIT', `the nats-server has no JetStream for us: ${reason}`, {
    fix: 'Run it with JetStream, enable JetStream for the account of this user, or name other servers.',
    cause,
  });
}

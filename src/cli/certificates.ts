import type { NodeConfig, ParleyConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { CommonOptions, Io } from './command.js';
import { withSession } from './session.js';

export function requireNode({ node }: ParleyConfig): NodeConfig {
  if (node !== null) return node;
  throw new ParleyError('USAGE', 'this config has no node: it uses the servers under "backbone"', {
    fix: 'Run the command with the config of a machine that runs a nats-server itself.',
  });
}

/** True: the running gateway has taken the new files. False: none runs, and its next start takes them. */
export async function reloadNode(io: Io, options: CommonOptions, config: ParleyConfig): Promise<boolean> {
  const { readNodeAddress } = await import('../node/index.js');
  if (readNodeAddress(requireNode(config).store) === null) return false;
  await withSession(io, options, ({ ask }) => ask('certificates', {}));
  return true;
}

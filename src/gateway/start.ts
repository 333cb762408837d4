import { refuseHalfRestored } from '../backup/index.js';
import { prepareNode } from '../cluster/index.js';
import { claimDirectory, type Release, startNode } from '../node/index.js';
import { awaitNode, reachBackbone } from './backbone.js';
import { Gateway, type GatewayOptions } from './gateway.js';

/**
 * Resolves once the log is read, or the backbone was found to be away, and HTTP listens; networks connect meanwhile.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config } = options.loaded;
  const { log, signal = new AbortController().signal } = options;
  const { prefix, spool } = config;
  if (config.node !== null) refuseHalfRestored(config.node.store);
  const node =
    config.node === null
      ? null
      : await startNode(config.node, log, prefix, (bench) => prepareNode(bench, log, signal));
  let releaseSpool: Release = async () => {};
  try {
    if (node !== null) await awaitNode(node, log, signal);
    if (spool !== null) {
      releaseSpool = await claimDirectory({ directory: spool.path, what: 'spool', setting: 'spool.path' });
    }
    const bus = await reachBackbone(config, node, log);
    const gateway = new Gateway(options, { node, bus, releaseSpool });
    await gateway.start();
    return gateway;
  } catch (error) {
    await releaseSpool();
    await node?.stop();
    throw error;
  }
}

/** How a gateway reaches its backbone: its own node's server, or the servers that the config names. */
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type BusAddress, type BusOptions, connectBus } from '../bus/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Node } from '../node/index.js';

const CONNECT_DEADLINE_MS = 90_000;
const CONNECT_AGAIN_MS = 1000;

/** The name under which the gateway of this config answers on the backbone. */
export function gatewayName(config: ParleyConfig): string {
  return config.node?.name ?? config.backbone?.name ?? hostname();
}

/**
 * A cluster that was ready loses its leader again when another node starts at the same moment, and a leader that was
 * just chosen may not know yet what room the others have ("no suitable peers"): that passes.
 */
export async function reachBackbone(
  config: ParleyConfig,
  node: Node | null,
  log: Logger,
  signal: AbortSignal,
): Promise<Bus> {
  const options = busOptions(config, node);
  const end = performance.now() + CONNECT_DEADLINE_MS;
  for (;;) {
    try {
      return await connectBus(options, log);
    } catch (error) {
      const passes = error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE';
      if (!passes || node?.cluster?.mode !== 'cluster' || performance.now() > end) throw error;
      signal.throwIfAborted();
      log.warn('the streams of the cluster do not answer', { reason: reasonOf(error) });
      await pause(CONNECT_AGAIN_MS, undefined, { signal });
    }
  }
}

function busOptions(config: ParleyConfig, node: Node | null): BusOptions {
  const { prefix, spool } = config;
  const { maxAgeMs, maxBytes, replicas } = config.history;
  const history = {
    maxAgeMs,
    maxBytes,
    // Looked up whenever something is made: a node that was alone may have become a cluster.
    get replicas() {
      return replicas ?? replicasFor(node);
    },
  };
  const address = addressOf(config, node);
  const name = `parley ${gatewayName(config)}`;
  return { address, prefix, history, name, ...(spool === null ? {} : { spool }) };
}

function addressOf(config: ParleyConfig, node: Node | null): BusAddress {
  if (node !== null) return node.address;
  if (config.backbone !== null) return config.backbone;
  throw new ParleyError('CONFIG_INVALID', 'neither node nor backbone is set', {
    fix: 'Add `node: {}` to the config.',
  });
}

/** Every stream on three of a cluster's nodes. A leaf, and servers of others, tell nothing: what exists stays as it is. */
function replicasFor(node: Node | null): number | null {
  return node?.cluster?.mode === 'cluster' ? 3 : null;
}

/** How a gateway reaches its backbone: its own node's server, or the servers that the config names. */
import { hostname } from 'node:os';
import { type Bus, type BusAddress, type BusOptions, openBus } from '../bus/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Node } from '../node/index.js';

/** A cluster that runs takes a node in within a second; one that has just lost its leader needs 4–9 s. */
const NODE_WAIT_MS = 5000;

/** The name under which the gateway of this config answers on the backbone. */
export function gatewayName(config: ParleyConfig): string {
  return config.node?.name ?? config.backbone?.name ?? hostname();
}

/**
 * Resolves once the node's streams can be used. A node of a cluster, or a leaf, may lack the others for long: then it is
 * waited for a moment only, and the gateway starts without them.
 */
export async function awaitNode(node: Node, log: Logger, signal: AbortSignal): Promise<void> {
  const mayBeAlone = node.cluster === null || node.cluster.mode === 'alone';
  if (mayBeAlone) return node.ready(signal);
  const late = AbortSignal.timeout(NODE_WAIT_MS);
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  late.addEventListener('abort', end, { once: true });
  try {
    await node.ready(ending.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    log.warn('the gateway starts without the other nodes', { state: node.state.kind });
  } finally {
    signal.removeEventListener('abort', end);
    late.removeEventListener('abort', end);
  }
}

/**
 * A backbone that is away is no error: see `openBus`. Throws what only a person can mend: BACKBONE_DENIED,
 * BACKBONE_CONFLICT, BACKBONE_UNFIT.
 */
export function reachBackbone(config: ParleyConfig, node: Node | null, log: Logger): Promise<Bus> {
  return openBus(busOptions(config, node), log);
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
  const member = node?.cluster?.mode === 'cluster';
  return { address, prefix, history, name, member, ...(spool === null ? {} : { spool }) };
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

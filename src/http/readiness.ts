/** Whether the gateway does its work now: found out by asking, not by remembering. */
import type { Bus } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { GatewayView, NetworkState, NetworkView, NodeView } from './view.js';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly Check[];
  readonly gateway: string;
  readonly node: NodeView['node'];
}

export interface Check {
  /** `node`, `backbone`, `outbox`, `spool`, `network quakenet`. */
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const TIMEOUT_MS = 1_000;
/** More than a pause of a network explains. */
const MAX_QUEUED = 10_000;
/** Normally a handful at any moment. */
const MAX_UNSTORED = 5_000;
/** `standby` is another node's work. */
const WORKING: ReadonlySet<NetworkState> = new Set(['connected', 'standby']);

/** Asks anew, once for all who ask at the same time: the route is open to everybody. */
export class ReadinessProbe {
  readonly #bus: Bus;
  readonly #gateway: GatewayView;
  #asking: Promise<Readiness> | null = null;

  constructor(bus: Bus, gateway: GatewayView) {
    this.#bus = bus;
    this.#gateway = gateway;
  }

  ask(): Promise<Readiness> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<Readiness> {
    const { gateway, node, canary = null } = this.#gateway.node();
    const [backbone, networks] = await Promise.all([
      checkBackbone(this.#bus),
      checkNetworks(this.#gateway, gateway),
    ]);
    const paths = canary === null ? [] : [checkPaths(canary)];
    const checks = [
      ...checkNode(node),
      backbone,
      checkOutbox(this.#bus),
      ...checkSpool(this.#bus),
      ...networks,
      ...paths,
    ];
    return { ready: checks.every(({ ok }) => ok), checks, gateway, node };
  }
}

/** Without a majority the log takes nothing, though the backbone is connected. */
function checkNode(node: NodeView['node']): readonly Check[] {
  if (node?.state === undefined) return [];
  const { kind, up, members } = node.state;
  const detail = up === undefined ? kind : `${kind}, ${up} of ${members} nodes are up`;
  return [{ name: 'node', ok: kind === 'ready', detail }];
}

async function checkBackbone(bus: Bus): Promise<Check> {
  const name = 'backbone';
  const { absence } = bus;
  if (absence !== null) {
    const { code, reason, since } = absence;
    const what = code === null || code === 'BACKBONE_UNAVAILABLE' ? 'away' : code;
    return { name, ok: false, detail: `${what} since ${since}: ${reason}` };
  }
  try {
    const ms = await inTime(bus.ping());
    return { name, ok: true, detail: `connected, round trip ${ms.toFixed(1)} ms` };
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error) };
  }
}

function checkOutbox({ unstored, spool }: Bus): Check {
  const inMemory = Math.max(0, unstored - (spool?.events ?? 0));
  return { name: 'outbox', ok: inMemory <= MAX_UNSTORED, detail: `${unstored} events not stored yet` };
}

/** Events in the spool are safe: not ready is who takes no more. */
function checkSpool({ spool }: Bus): readonly Check[] {
  if (spool === null) return [];
  const { events, bytes, since, blocked } = spool;
  const oldest = since === null ? '' : `, the oldest of ${since}`;
  const why = blocked === null ? '' : `; takes no more: ${blocked}`;
  return [{ name: 'spool', ok: blocked === null, detail: `${events} events, ${bytes} bytes${oldest}${why}` }];
}

/** One broken path is like one degraded channel: not ready is only a gateway through which nothing gets. */
function checkPaths({ paths, broken }: NonNullable<NodeView['canary']>): Check {
  const told = broken.map(({ from, to, reason }) => `${from} → ${to}: ${reason}`);
  return {
    name: 'paths',
    ok: paths === 0 || broken.length < paths,
    detail: [`${broken.length} of ${paths} broken`, ...told.slice(0, 20)].join('; '),
  };
}

async function checkNetworks(gateway: GatewayView, self: string): Promise<readonly Check[]> {
  try {
    const networks = await inTime(gateway.networks());
    return networks.map((network) => checkOwned(network, self));
  } catch (error) {
    return [{ name: 'networks', ok: false, detail: reasonOf(error) }];
  }
}

/** How a network is that another gateway owns is that gateway's to say; without any owner nobody does its work. */
function checkOwned(network: NetworkView, self: string): Check {
  const { owner, reason } = network;
  const name = `network ${network.network}`;
  if (owner === null) return { name, ok: false, detail: reason ?? 'no owner' };
  if (owner !== undefined && owner !== self) return { name, ok: true, detail: `standby, owner: ${owner}` };
  return checkNetwork(network);
}

function checkNetwork({ network, state, reason, degraded, lag, queued }: NetworkView): Check {
  const faults = [reason ?? [], ...Object.entries(degraded).map(([where, why]) => `${where}: ${why}`)].flat();
  const why = faults.length === 0 ? '' : ` (${faults.join('; ')})`;
  // Degraded is ready: a ban in one channel must not take the whole gateway out of service.
  const ok = WORKING.has(state) && queued + lag <= MAX_QUEUED;
  return {
    name: `network ${network}`,
    ok,
    detail: `${state}${why}, ${queued} queued, ${lag} behind in the log`,
  };
}

async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Composition root: starts what the config asks for, applies reloads, stops in reverse order. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BRIDGES } from '../bridges/index.js';
import type { Bridge } from './bridge.js';
import { type Bus, type BusAddress, type BusOptions, connectBus } from './bus/index.js';
import { prepareNode, serveCluster } from './cluster/index.js';
import {
  type ConfigDiff,
  diffConfig,
  type Loaded,
  type ParleyConfig,
  runningConfig,
} from './config/index.js';
import { ParleyError, reasonOf } from './errors.js';
import type { GatewayView, HttpServer } from './http/index.js';
import type { Logger } from './log.js';
import { Canary, type CanaryReport, type NetworkStatus, Networks, Switchboard } from './network/index.js';
import { type Bench, claimDirectory, DiskWatch, type Node, type Release, startNode } from './node/index.js';
import { Owners, type Ownership } from './ownership/index.js';
import { compileRoutes, type Routes } from './routing/index.js';
import { Journal, roomIn, type TraceAnswer, traceEvent } from './trace/index.js';

export interface GatewayOptions {
  readonly loaded: Loaded;
  /** Reads the config again, quicker with what was loaded before; throws ConfigError. */
  readonly load: (previous: Loaded) => Promise<Loaded>;
  readonly log: Logger;
  /** Ends a start that waits for other nodes. */
  readonly signal?: AbortSignal;
}

export interface ReloadReport {
  /** What changes; `diff.restart` names the parts that wait for a restart, also from reloads before. */
  readonly diff: ConfigDiff;
}

const GRACE_MS = 5_000;
/** The owner waits 10 s for a dead letter to be said, and 5 s for a network to close. */
const REPLAY_MS = 12_000;
const MOVE_MS = 7_000;
const CONNECT_DEADLINE_MS = 90_000;
const CONNECT_AGAIN_MS = 1000;

/** The name under which the gateway of this config answers on the backbone. */
export function gatewayName(config: ParleyConfig): string {
  return config.node?.name ?? config.backbone?.name ?? hostname();
}

/** Resolves once the backbone is reached, the log is read and HTTP listens; networks connect meanwhile. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config } = options.loaded;
  const { log, signal = new AbortController().signal } = options;
  const prepare = (bench: Bench) => prepareNode(bench, log, signal);
  const node = config.node === null ? null : await startNode(config.node, log, config.prefix, prepare);
  let releaseSpool: Release = async () => {};
  try {
    await node?.ready(options.signal);
    if (config.spool !== null) {
      releaseSpool = await claimDirectory({
        directory: config.spool.path,
        what: 'spool',
        setting: 'spool.path',
      });
    }
    const bus = await connectAtLast(busOptions(config, node), node, log, signal);
    const gateway = new Gateway(options, node, bus, releaseSpool);
    await gateway.start();
    return gateway;
  } catch (error) {
    await releaseSpool();
    await node?.stop();
    throw error;
  }
}

export class Gateway {
  readonly name: string;
  readonly bus: Bus;
  readonly node: Node | null;
  readonly #options: GatewayOptions;
  readonly #releaseSpool: Release;
  readonly #disk: DiskWatch | null;
  readonly #switchboard: Switchboard;
  readonly #owners: Owners;
  readonly #networks: Networks;
  readonly #journal: Journal;
  /** What needs a restart to change is still as this has it. */
  readonly #started: Loaded;
  #loaded: Loaded;
  #routes: Routes;
  #http: HttpServer | null = null;
  #canary: Canary | null = null;
  /** Ends what the node does for its cluster. */
  readonly #ending = new AbortController();
  /** Reloads come one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions, node: Node | null, bus: Bus, releaseSpool: Release) {
    this.name = gatewayName(options.loaded.config);
    this.bus = bus;
    this.node = node;
    this.#options = options;
    this.#releaseSpool = releaseSpool;
    this.#started = options.loaded;
    this.#loaded = options.loaded;
    this.#routes = compileRoutes(options.loaded.config.rooms);
    const routes = () => this.#routes;
    const { config } = options.loaded;
    const { log } = options;
    const store = config.node?.store;
    this.#disk = node === null || store === undefined ? null : new DiskWatch({ node, directory: store, log });
    const directory = config.node === null ? null : join(config.node.store, 'trace');
    this.#journal = new Journal({ directory, log: options.log });
    const { note } = this.#journal;
    this.#switchboard = new Switchboard(bus, routes, options.log, note);
    this.#owners = new Owners({
      bus,
      gateway: this.name,
      voters: config.owners.voters ?? [this.name],
      labels: config.owners.labels,
      log: options.log,
    });
    this.#networks = new Networks({
      bus,
      owners: this.#owners,
      switchboard: this.#switchboard,
      routes,
      bridgeOf,
      log: options.log,
      note,
    });
  }

  get config(): ParleyConfig {
    return this.#loaded.config;
  }

  /** As `config`, but for what waits for a restart. */
  get running(): ParleyConfig {
    return runningConfig(this.#started.config, this.config);
  }

  /** Base URL of the HTTP API, or null. */
  get http(): string | null {
    return this.#http?.address ?? null;
  }

  networks(): readonly NetworkStatus[] {
    return this.#networks.statuses();
  }

  async start(): Promise<void> {
    try {
      await this.#owners.start();
      await Promise.all([this.#networks.start(this.config.networks.values()), this.#startHttp()]);
      this.#serve();
      this.#startCanary();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Loads the config again and applies what changed. A config with faults throws ConfigError and changes nothing. */
  reload(): Promise<ReloadReport> {
    const reloading = this.#reloading.then(
      () => this.#reload(),
      () => this.#reload(),
    );
    this.#reloading = reloading;
    return reloading;
  }

  async stop(): Promise<void> {
    this.#ending.abort(new ParleyError('NODE_FAILED', 'stopped while the cluster forms'));
    await this.#canary?.stop();
    await this.#http?.stop(GRACE_MS);
    await this.#owners.stop();
    await this.#networks.stop();
    await this.#journal.stop();
    await this.bus.close(GRACE_MS);
    await this.#releaseSpool();
    await this.#disk?.stop();
    await this.node?.stop();
  }

  async #reload(): Promise<ReloadReport> {
    const loaded = await this.#options.load(this.#loaded);
    const { config } = loaded;
    const diff = diffConfig(this.running, config);
    this.#loaded = loaded;
    this.#routes = compileRoutes(config.rooms);
    await this.#networks.apply(config.networks, diff.networks);
    // Not with the address that waits for a restart: what is allowed depends on where it really listens.
    if (config.http !== null && this.running.http !== null) this.#http?.update(this.running.http);
    return { diff };
  }

  async #startHttp(): Promise<void> {
    const { http } = this.config;
    if (http === null) return;
    const { startHttp } = await import('./http/index.js');
    this.#http = await startHttp({
      config: http,
      bus: this.bus,
      gateway: this.#view(),
      log: this.#options.log,
    });
  }

  #startCanary(): void {
    const { canary } = this.config;
    if (canary === null) return;
    this.#canary = new Canary({
      bus: this.bus,
      config: canary,
      rooms: () => this.config.rooms,
      gateway: this.name,
      log: this.#options.log,
    });
  }

  /** Null: not switched on. */
  canary(): CanaryReport | null {
    return this.#canary?.report() ?? null;
  }

  /** What other processes may ask this gateway; the CLI does. */
  #serve(): void {
    const serve = this.bus.serve.bind(this.bus);
    serve(['gateway', this.name, 'reload'], () => this.reload());
    serve(['gateway', this.name, 'status'], async () => this.#status());
    serve(['gateway', this.name, 'source'], async () => this.#source());
    serve(['gateway', this.name, 'certificates'], () => this.#reloadNode());
    serve(['gateway', this.name, 'replay'], (body) => this.#replay(body));
    serve(['gateway', this.name, 'owners'], async () => this.#ownerships());
    serve(['gateway', this.name, 'move'], (body) => this.#move(body));
    serve(['gateway', this.name, 'drain'], () => this.#drain(true));
    serve(['gateway', this.name, 'undrain'], () => this.#drain(false));
    this.bus.serveEach(['trace'], (body) => this.#trace(body));
    serveCluster({
      bus: this.bus,
      gateway: this.name,
      node: this.node,
      config: this.config,
      log: this.#options.log,
      signal: this.#ending.signal,
    });
  }

  /** `started`: the text that the parts which need a restart are still of. */
  #source(): { readonly text: string; readonly started: string } {
    return { text: this.#loaded.text, started: this.#started.text };
  }

  /** The node reads its certificates and users again. */
  async #reloadNode(): Promise<{ readonly ok: true }> {
    await this.node?.reload();
    return { ok: true };
  }

  async #replay(body: unknown): Promise<{ readonly ok: true }> {
    const { network, sequence } = (body ?? {}) as { network?: unknown; sequence?: unknown };
    if (typeof network !== 'string' || typeof sequence !== 'number') {
      throw new ParleyError('USAGE', 'replay: expected {"network": text, "sequence": number}');
    }
    return this.#atOwner(network, 'replay', body, REPLAY_MS, async () => {
      await this.#networks.get(network).replay(sequence);
      return { ok: true };
    });
  }

  async #move(body: unknown): Promise<{ readonly ok: true }> {
    const { network, to } = (body ?? {}) as { network?: unknown; to?: unknown };
    if (typeof network !== 'string' || typeof to !== 'string') {
      throw new ParleyError('USAGE', 'move: expected {"network": text, "to": text}');
    }
    this.#networks.get(network);
    return this.#atOwner(network, 'move', body, MOVE_MS, async () => {
      await this.#owners.move(network, to);
      return { ok: true };
    });
  }

  async #drain(drain: boolean): Promise<{ readonly ok: true }> {
    if (drain) await this.#owners.drain();
    else this.#owners.undrain();
    return { ok: true };
  }

  /** What only the owner of a network can do, done there. */
  async #atOwner<Answer>(
    network: string,
    verb: string,
    body: unknown,
    timeoutMs: number,
    here: () => Promise<Answer>,
  ): Promise<Answer> {
    const { owner } = this.#owners.ownership(network);
    if (owner === null || owner === this.name) return here();
    return this.bus.request<Answer>(['gateway', owner, verb], body, timeoutMs);
  }

  #ownerships(): {
    readonly gateway: string;
    readonly drained: boolean;
    readonly owners: readonly Ownership[];
  } {
    return { gateway: this.name, drained: this.#owners.away, owners: this.#owners.ownerships() };
  }

  async #trace(body: unknown): Promise<TraceAnswer> {
    const { event } = (body ?? {}) as { event?: unknown };
    if (typeof event !== 'string') throw new ParleyError('USAGE', 'trace: expected {"event": text}');
    const steps = await this.#journal.find(event);
    const room = roomIn(steps) ?? '';
    const speaking =
      this.config.rooms.get(room)?.channels.filter(({ direction }) => direction !== 'in') ?? [];
    return {
      gateway: this.name,
      steps,
      channels: speaking.map(({ network, channel }) => ({ network, channel })),
    };
  }

  #status() {
    const { name, node, http } = this;
    return {
      gateway: name,
      node:
        node === null
          ? null
          : { pid: node.pid, version: node.version, restarts: node.restarts, state: node.state },
      http,
      backbone: this.bus.state,
      unstored: this.bus.unstored,
      spool: this.bus.spool,
      dropped: this.#networks.dropped(),
      networks: this.#networks.statuses(),
      canary: this.canary(),
    };
  }

  /** What another gateway owns as its owner describes it, if that has said so yet. */
  async #everywhere(): Promise<readonly NetworkStatus[]> {
    const statuses = this.#networks.statuses();
    if (statuses.every(({ state }) => state !== 'standby')) return statuses;
    try {
      const told = await (await this.bus.bucket<NetworkStatus>('NETWORKS')).entries();
      return statuses.map((status) => {
        const entry = told.get(status.network);
        const isOwners =
          status.owner !== null && entry?.owner === status.owner && entry.epoch === status.epoch;
        return status.state === 'standby' && entry !== undefined && isOwners ? entry : status;
      });
    } catch (error) {
      this.#options.log.debug('what other gateways own is not known', { reason: reasonOf(error) });
      return statuses;
    }
  }

  #view(): GatewayView {
    return {
      hasRoom: (room) => this.config.rooms.has(room),
      rooms: () => [...this.config.rooms.values()],
      networks: () => this.#everywhere(),
      node: () => this.#status(),
      say: (event, replayable) => {
        this.#journal.note(event.id, 'heard', '', '', event.subject);
        return this.#switchboard.accept(event, replayable);
      },
      trace: (event) => traceEvent(this.bus, event, [...this.config.rooms.keys()]),
    };
  }
}

/**
 * A cluster that was ready loses its leader again when another node starts at the same moment, and a leader that was
 * just chosen may not know yet what room the others have ("no suitable peers"): that passes.
 */
async function connectAtLast(options: BusOptions, node: Node | null, log: Logger, signal: AbortSignal) {
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

/** Every stream on three of a cluster's nodes. A leaf, and servers of others, tell nothing: what exists stays as it is. */
function replicasFor(node: Node | null): number | null {
  return node?.cluster?.mode === 'cluster' ? 3 : null;
}

async function bridgeOf(kind: string): Promise<Bridge<unknown>> {
  const load = BRIDGES[kind];
  if (load === undefined) throw new ParleyError('CONFIG_INVALID', `no bridge of kind "${kind}"`);
  return (await load()).default as Bridge<unknown>;
}

function busOptions(config: ParleyConfig, node: Node | null): BusOptions {
  const { prefix, spool } = config;
  const history = { ...config.history, replicas: config.history.replicas ?? replicasFor(node) };
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

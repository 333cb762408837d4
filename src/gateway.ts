/** Composition root: starts what the config asks for, applies reloads, stops in reverse order. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { BRIDGES } from '../bridges/index.js';
import type { Bridge } from './bridge.js';
import { type Bus, type BusAddress, type BusOptions, connectBus } from './bus/index.js';
import { Desk, gatherAndGrow, listMembers, prepareNode } from './cluster/index.js';
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
import { type NetworkStatus, Networks, Switchboard } from './network/index.js';
import { type Bench, filesOf, type Node, startNode } from './node/index.js';
import { compileRoutes, type Routes } from './routing/index.js';

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
/** Each takes about 5 s. */
const CONNECT_ATTEMPTS = 12;

/** The name under which the gateway of this config answers on the backbone. */
export function gatewayName(config: ParleyConfig): string {
  return config.node?.name ?? hostname();
}

/** Resolves once the backbone is reached, the log is read and HTTP listens; networks connect meanwhile. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config } = options.loaded;
  const { log, signal = new AbortController().signal } = options;
  const prepare = (bench: Bench) => prepareNode(bench, log, signal);
  const node = config.node === null ? null : await startNode(config.node, log, config.prefix, prepare);
  try {
    await node?.ready(options.signal);
    const { prefix } = config;
    const address = addressOf(config, node);
    const history = { ...config.history, replicas: config.history.replicas ?? replicasFor(node) };
    const busOptions = { address, prefix, history, name: `parley ${gatewayName(config)}` };
    const bus = await connectAtLast(busOptions, node, log, signal);
    const gateway = new Gateway(options, node, bus);
    await gateway.start();
    return gateway;
  } catch (error) {
    await node?.stop();
    throw error;
  }
}

export class Gateway {
  readonly name: string;
  readonly bus: Bus;
  readonly node: Node | null;
  readonly #options: GatewayOptions;
  readonly #switchboard: Switchboard;
  readonly #networks: Networks;
  /** What needs a restart to change is still as this has it. */
  readonly #started: Loaded;
  #loaded: Loaded;
  #routes: Routes;
  #http: HttpServer | null = null;
  #isDesk = false;
  /** Ends what the node does for its cluster. */
  readonly #ending = new AbortController();
  /** Reloads come one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions, node: Node | null, bus: Bus) {
    this.name = gatewayName(options.loaded.config);
    this.bus = bus;
    this.node = node;
    this.#options = options;
    this.#started = options.loaded;
    this.#loaded = options.loaded;
    this.#routes = compileRoutes(options.loaded.config.rooms);
    const routes = () => this.#routes;
    this.#switchboard = new Switchboard(bus, routes);
    this.#networks = new Networks({
      bus,
      switchboard: this.#switchboard,
      routes,
      bridgeOf,
      log: options.log,
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
      await Promise.all([this.#networks.start(this.config.networks.values()), this.#startHttp()]);
      this.#serve();
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
    await this.#http?.stop(GRACE_MS);
    await this.#networks.stop();
    await this.bus.close(GRACE_MS);
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

  /** What other processes may ask this gateway; the CLI does. */
  #serve(): void {
    const serve = this.bus.serve.bind(this.bus);
    serve(['gateway', this.name, 'reload'], () => this.reload());
    serve(['gateway', this.name, 'status'], async () => this.#status());
    serve(['gateway', this.name, 'source'], async () => this.#source());
    serve(['gateway', this.name, 'certificates'], () => this.#reloadNode());
    serve(['gateway', this.name, 'replay'], (body) => this.#replay(body));
    this.#serveCluster();
  }

  /** Letting other machines in; see src/cluster. */
  #serveCluster(): void {
    const { node, config } = this;
    if (node === null || config.node === null) return;
    const { prefix } = config;
    const { log } = this.#options;
    const files = filesOf(config.node.store);
    const formed = (): void => void gatherAndGrow(node, files, log, this.#ending.signal);
    const desk = new Desk({ config: config.node, prefix, node, version: node.version, log, formed });
    const atDesk = (): void => this.#serveDesk(desk);
    this.bus.serve(['gateway', this.name, 'invite'], async (body) => {
      const invitation = await desk.invite(ttlOf(body));
      atDesk();
      return invitation;
    });
    this.bus.serve(['gateway', this.name, 'members'], async () =>
      listMembers(await desk.members(), node, log),
    );
    if (existsSync(files.tls.caKey)) atDesk();
    formed();
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
    await this.#networks.get(network).replay(sequence);
    return { ok: true };
  }

  /** One node answers those who join: the one with the CA's key, which made their invitations. */
  #serveDesk(desk: Desk): void {
    if (this.#isDesk) return;
    this.#isDesk = true;
    this.bus.serve(['node', 'join'], (body) => desk.join(body));
    this.bus.serve(['node', 'target'], () => desk.target());
  }

  #status() {
    const { name, node, http } = this;
    return {
      gateway: name,
      node: node === null ? null : { pid: node.pid, version: node.version, restarts: node.restarts },
      http,
      backbone: this.bus.state,
      unstored: this.bus.unstored,
      dropped: this.#networks.dropped(),
      networks: this.#networks.statuses(),
    };
  }

  #view(): GatewayView {
    return {
      hasRoom: (room) => this.config.rooms.has(room),
      rooms: () => [...this.config.rooms.values()],
      networks: async () => this.networks(),
      node: () => this.#status(),
      say: (event, replayable) => this.#switchboard.accept(event, replayable),
    };
  }
}

function ttlOf(body: unknown): number {
  const { ttlMs } = (body ?? {}) as { ttlMs?: unknown };
  if (typeof ttlMs === 'number' && ttlMs > 0) return ttlMs;
  throw new ParleyError('USAGE', 'invite: expected {"ttlMs": number}');
}

/** A cluster that was ready loses its leader again when another node starts at the same moment: that passes. */
async function connectAtLast(options: BusOptions, node: Node | null, log: Logger, signal: AbortSignal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connectBus(options, log);
    } catch (error) {
      const passes = error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE';
      if (!passes || node?.cluster?.mode !== 'cluster' || attempt === CONNECT_ATTEMPTS) throw error;
      signal.throwIfAborted();
      log.warn('the streams of the cluster do not answer', { reason: reasonOf(error), attempt });
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

function addressOf(config: ParleyConfig, node: Node | null): BusAddress {
  if (node !== null) return node.address;
  if (config.backbone !== null) return config.backbone;
  throw new ParleyError('CONFIG_INVALID', 'neither node nor backbone is set', {
    fix: 'Add `node: {}` to the config.',
  });
}

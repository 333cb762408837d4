/** Composition root: starts what the config asks for, applies reloads, stops in reverse order. */

import { join } from 'node:path';
import type { FirstOwnerCode } from '../../control-server/index.js';
import type { Bridge } from '../bridge.js';
import type { Bus } from '../bus/index.js';
import { serveCluster, setAside } from '../cluster/index.js';
import {
  type ConfigDiff,
  diffConfig,
  type Loaded,
  type ParleyConfig,
  runningConfig,
} from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { HttpServer } from '../http/index.js';
import type { Logger } from '../log.js';
import { Canary, type CanaryReport, type NetworkChanges, type NetworkStatus } from '../network/index.js';
import { DiskWatch, type Node, type Release } from '../node/index.js';
import { Orders, withJoins } from '../orders/index.js';
import { Documents, Remotes, withDocuments } from '../remote/index.js';
import { compileRoutes, type Routes } from '../routing/index.js';
import { AwayNote, privateDirectory } from './away-note.js';
import { assemble, type Parts } from './parts.js';
import { readAgainWhenMisled } from './read-again.js';
import { serveVerbs } from './verbs.js';
import { type GatewayStatus, statusOf, viewOf } from './view.js';

export interface GatewayOptions {
  readonly loaded: Loaded;
  /** Reads the config again, quicker with what was loaded before; throws ConfigError. */
  readonly load: (previous: Loaded) => Promise<Loaded>;
  readonly log: Logger;
  /** Of Parley: what the command `version` answers. */
  readonly version: string;
  /** Shows the code that makes the first owner, where only those who run the gateway read. Default: nowhere. */
  readonly firstOwner?: (code: FirstOwnerCode) => void;
  /** Ends a start that waits for other nodes. */
  readonly signal?: AbortSignal;
}

/** What must be there before the gateway, and ends after it. */
export interface Foundation {
  readonly node: Node | null;
  readonly bus: Bus;
  readonly releaseSpool: Release;
}

export interface ReloadReport {
  /** What changes; `diff.restart` names the parts that wait for a restart, also from reloads before. */
  readonly diff: ConfigDiff;
}

const GRACE_MS = 5_000;
const NO_CHANGES: NetworkChanges = { added: [], removed: [], changed: [] };
const ANSWER_MS = 500;

export class Gateway {
  /** Resolves when the gateway is to stop because its node was drained, or has left its cluster. */
  readonly ended: Promise<void>;
  #endNow: () => void = () => {};
  #how: 'drained' | 'left' | null = null;
  readonly #options: GatewayOptions;
  readonly #foundation: Foundation;
  readonly #parts: Parts;
  readonly #disk: DiskWatch | null;
  /** What needs a restart to change is still as this has it. */
  readonly #started: Loaded;
  #loaded: Loaded;
  /** What was loaded, with what was ordered. */
  #config: ParleyConfig;
  readonly #orders: Orders;
  readonly #documents: Documents;
  readonly #remotes: Remotes;
  readonly #bridges = new Map<string, Pick<Bridge<unknown>, 'checkChannel'>>();
  /** What of documents was passed over, as it was logged last. */
  #passedOver = '';
  /** Orders have changed, and the networks are going to follow. */
  #follows = false;
  #routes: Routes;
  #http: HttpServer | null = null;
  #canary: Canary | null = null;
  #awayNote: AwayNote | null = null;
  readonly #endReadingAgain: () => void;
  /** Ends what the node does for its cluster. */
  readonly #ending = new AbortController();
  /** Reloads come one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayOptions, foundation: Foundation) {
    const { loaded, log } = options;
    const { node, bus } = foundation;
    this.ended = new Promise((resolve) => {
      this.#endNow = resolve;
    });
    this.#options = options;
    this.#foundation = foundation;
    this.#started = loaded;
    this.#loaded = loaded;
    this.#config = loaded.config;
    this.#routes = compileRoutes(loaded.config.rooms);
    const directory = privateDirectory(loaded.config);
    this.#orders = new Orders({
      bus,
      log,
      copy: directory === null ? null : join(directory, 'orders.json'),
      changed: () => this.#ordered(),
    });
    this.#documents = new Documents({
      bus,
      log,
      changed: (name) => {
        if (this.#remotes.takesOwn(name)) this.#ordered();
      },
    });
    this.#remotes = new Remotes({
      documents: this.#documents,
      log,
      directory,
      changed: () => this.#ordered(),
    });
    const store = loaded.config.node?.store;
    this.#disk = node === null || store === undefined ? null : new DiskWatch({ node, directory: store, log });
    this.#endReadingAgain = node === null ? () => {} : readAgainWhenMisled(node, bus, log);
    this.#parts = assemble({
      node,
      bus,
      log,
      version: options.version,
      firstOwner: options.firstOwner ?? (() => {}),
      config: () => this.config,
      fileConfig: () => this.#loaded.config,
      orders: this.#orders,
      documents: this.#documents,
      remotes: this.#remotes,
      ordersApplied: () => this.#reloading.then(ignore, ignore),
      routes: () => this.#routes,
    });
  }

  get name(): string {
    return this.#parts.name;
  }

  get bus(): Bus {
    return this.#foundation.bus;
  }

  get node(): Node | null {
    return this.#foundation.node;
  }

  /** The file's, with the channels that were joined by command. */
  get config(): ParleyConfig {
    return this.#config;
  }

  /** The file's, but for what waits for a restart. */
  get running(): ParleyConfig {
    return runningConfig(this.#started.config, this.#loaded.config);
  }

  /** Base URL of the HTTP API, or null. */
  get http(): string | null {
    return this.#http?.address ?? null;
  }

  networks(): readonly NetworkStatus[] {
    return this.#parts.networks.statuses();
  }

  /** Null: not switched on. */
  canary(): CanaryReport | null {
    return this.#canary?.report() ?? null;
  }

  async start(): Promise<void> {
    const { owners, networks, roster, control } = this.#parts;
    try {
      roster.start();
      const directory = privateDirectory(this.config);
      if (directory !== null) this.#awayNote = new AwayNote(directory, () => this.#status(), this.#parts.log);
      await Promise.all([this.#orders.start(), this.#documents.start()]);
      await this.#remotes.apply(this.config.remote);
      await this.#learnKinds();
      this.#compose();
      await owners.start();
      await control?.open();
      await Promise.all([networks.start(this.config.networks.values()), this.#startHttp()]);
      this.#serve();
      this.#startCanary();
      this.#awayNote?.look();
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
    const { owners, networks, journal, control, roster } = this.#parts;
    const { bus, releaseSpool, node } = this.#foundation;
    this.#ending.abort(new ParleyError('NODE_FAILED', 'stopped while the cluster forms'));
    this.#endReadingAgain();
    await this.#awayNote?.stop();
    await this.#canary?.stop();
    await this.#http?.stop(GRACE_MS);
    await control?.stop();
    await roster.stop();
    await owners.stop();
    await networks.stop();
    await Promise.all([this.#orders.stop(), this.#remotes.stop(), this.#documents.stop()]);
    await journal.stop();
    await bus.close(GRACE_MS);
    await releaseSpool();
    // Together: what the watch waits for may be a start that only the node can call off.
    await Promise.all([this.#disk?.stop(), this.#how === 'drained' ? node?.drain() : node?.stop()]);
    if (this.#how === 'left' && this.config.node !== null) await setAside(this.config.node.store);
  }

  #end(how: 'drained' | 'left'): void {
    this.#how = how;
    // What asked for it is answered first.
    setTimeout(this.#endNow, ANSWER_MS);
  }

  async #reload(): Promise<ReloadReport> {
    const loaded = await this.#options.load(this.#loaded);
    const { config } = loaded;
    const diff = diffConfig(this.running, config);
    this.#loaded = loaded;
    await this.#remotes.apply(config.remote);
    await this.#learnKinds();
    this.#compose();
    await this.#parts.networks.apply(config.networks, diff.networks);
    this.#parts.control?.reloaded();
    // Not with the address that waits for a restart: what is allowed depends on where it really listens.
    if (config.http !== null && this.running.http !== null) this.#http?.update(this.running.http);
    return { diff };
  }

  #compose(): void {
    const { config, passedOver } = withDocuments(
      this.#loaded.config,
      this.#remotes.documents(),
      (network, channel) => this.#channelFault(network, channel),
    );
    this.#config = withJoins(config, this.#orders.joins());
    this.#tellPassedOver(passedOver);
    this.#routes = compileRoutes(this.#config.rooms);
  }

  /** Kinds of bridges that the config has. */
  async #learnKinds(): Promise<void> {
    const kinds = new Set([...this.#loaded.config.networks.values()].map(({ bridge }) => bridge));
    for (const kind of kinds) this.#bridges.set(kind, await this.#parts.bridgeOf(kind));
  }

  #channelFault(network: string, channel: string): string | null {
    const kind = this.#loaded.config.networks.get(network)?.bridge ?? '';
    return this.#bridges.get(kind)?.checkChannel(channel) ?? null;
  }

  #tellPassedOver(passedOver: readonly string[]): void {
    const told = passedOver.join('; ');
    if (told !== '' && told !== this.#passedOver)
      this.#parts.log.warn('channels of documents are passed over', { passedOver });
    this.#passedOver = told;
  }

  /** A channel was joined or left by command, or a document changed. Many at once, as at the start, are one change. */
  #ordered(): void {
    if (this.#follows) return;
    this.#follows = true;
    const follow = () => {
      this.#follows = false;
      this.#compose();
      this.#parts.control?.reloaded();
      return this.#parts.networks.apply(this.config.networks, NO_CHANGES);
    };
    const following = this.#reloading.then(follow, follow);
    following.catch((error: unknown) => {
      this.#parts.log.error('channels of commands or documents were not applied', {
        reason: reasonOf(error),
      });
    });
    this.#reloading = following;
  }

  async #startHttp(): Promise<void> {
    const { http } = this.config;
    if (http === null) return;
    const { startHttp } = await import('../http/index.js');
    const { bus, log } = this.#parts;
    const gateway = viewOf(this.#parts, () => this.#status());
    const directory = privateDirectory(this.config);
    const tokenCache = directory === null ? null : join(directory, 'tokens.json');
    this.#http = await startHttp({ config: http, bus, gateway, log, tokenCache });
  }

  #startCanary(): void {
    const { canary } = this.config;
    if (canary === null) return;
    const { bus, name, log } = this.#parts;
    this.#canary = new Canary({ bus, config: canary, rooms: () => this.config.rooms, gateway: name, log });
  }

  #serve(): void {
    const { bus, name, node, log, owners, networks } = this.#parts;
    serveVerbs(this.#parts, {
      reload: () => this.reload(),
      status: () => this.#status(),
      source: () => this.#source(),
    });
    serveCluster({
      bus,
      gateway: name,
      node,
      config: this.config,
      log,
      signal: this.#ending.signal,
      formed: async (voters) => {
        if (this.#started.config.owners.voters === null) await owners.reform(voters);
      },
      handOver: async () => {
        if (networks.statuses().length > 0) await owners.drain();
      },
      end: (how) => this.#end(how),
    });
  }

  #status(): GatewayStatus {
    return statusOf(this.#parts, { http: this.http, canary: this.canary() });
  }

  /** `started`: the text that the parts which need a restart are still of. */
  #source(): { readonly text: string; readonly started: string } {
    return { text: this.#loaded.text, started: this.#started.text };
  }
}

function ignore(): void {}

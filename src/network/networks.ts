import type { Bridge } from '../bridge.js';
import type { Bus } from '../bus/index.js';
import type { NetworkConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Logger } from '../log.js';
import type { Owners } from '../ownership/index.js';
import type { Routes } from '../routing/index.js';
import type { Note } from '../trace/index.js';
import { ConfiguredNetwork } from './configured-network.js';
import { MessageMap } from './message-map.js';
import { NOTHING_STANDING, type Standing } from './standing.js';
import type { NetworkStatus } from './status.js';
import type { Switchboard } from './switchboard.js';

export interface NetworksOptions {
  readonly bus: Bus;
  readonly switchboard: Switchboard;
  readonly routes: () => Routes;
  /** Loads the bridge of a kind. */
  readonly bridgeOf: (kind: string) => Promise<Bridge<unknown>>;
  readonly owners: Owners;
  readonly log: Logger;
  readonly note: Note;
  readonly gate: Gate;
  /** Default: nothing was ordered. */
  readonly standing?: Standing;
}

/** What a reload does to the networks, by name. */
export interface NetworkChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `reconnect`: settings of the bridge itself changed, which only a new connection applies. */
  readonly changed: readonly { readonly name: string; readonly reconnect: boolean }[];
}

/** The networks of the config, those on standby too. One that fails or hangs never holds up another. */
export class Networks {
  readonly #options: NetworksOptions;
  readonly #running = new Map<string, ConfiguredNetwork>();
  readonly #map: MessageMap;

  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#map = new MessageMap(options.bus, options.log);
  }

  /** Resolves once each network that is ours reads its share of the log; connections are opened meanwhile. */
  async start(configs: Iterable<NetworkConfig>): Promise<void> {
    await Promise.all([...configs].map((config) => this.#add(config)));
  }

  /** Applies a reload. Networks that keep their settings keep their connection. */
  async apply(configs: ReadonlyMap<string, NetworkConfig>, changes: NetworkChanges): Promise<void> {
    await Promise.all(changes.removed.map((name) => this.#remove(name)));
    const reconnected = new Set(changes.changed.filter(({ reconnect }) => reconnect).map(({ name }) => name));
    const kept = [...this.#running.values()].map(async (network) => {
      const config = configs.get(network.name);
      if (config === undefined) return;
      const bridge = await this.#options.bridgeOf(config.bridge);
      await network.apply(config, bridge, reconnected.has(network.name));
    });
    const added = changes.added.map((name) => configs.get(name)).filter((config) => config !== undefined);
    await Promise.all([...kept, this.start(added)]);
  }

  statuses(): readonly NetworkStatus[] {
    return [...this.#running.values()].map((network) => network.status());
  }

  /** What the networks left out since their start, by reason. */
  dropped(): Readonly<Record<string, number>> {
    const total = new Map<string, number>();
    for (const { counters } of this.statuses()) {
      for (const [reason, count] of Object.entries(counters.dropped))
        total.set(reason, (total.get(reason) ?? 0) + count);
    }
    return Object.fromEntries(total);
  }

  /** The name of our bot on a network; null: it is not connected here. */
  selfOn(network: string): string | null {
    return this.#running.get(network)?.self ?? null;
  }

  /** Throws NOT_FOUND. */
  get(name: string): ConfiguredNetwork {
    const network = this.#running.get(name);
    if (network !== undefined) return network;
    throw new ParleyError('NOT_FOUND', `no network "${name}" is in the config`, {
      fix: 'See `parley status` for the names.',
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
    await this.#map.stop();
  }

  async #add(config: NetworkConfig): Promise<void> {
    const { bridgeOf, log } = this.#options;
    try {
      const bridge = await bridgeOf(config.bridge);
      const network = new ConfiguredNetwork(config, {
        standing: NOTHING_STANDING,
        ...this.#options,
        map: this.#map,
        bridge,
      });
      this.#running.set(config.name, network);
      await network.start();
    } catch (error) {
      log.error('network not started', { network: config.name, reason: reasonOf(error) });
      throw error;
    }
  }

  /** A removed network leaves nothing behind: its place in the log is given up too, unless another gateway uses it. */
  async #remove(name: string): Promise<void> {
    const { bus, owners } = this.#options;
    const { owner } = owners.ownership(name);
    await this.#stop(name);
    if (owner !== null && owner !== owners.gateway) return;
    await bus.forget(name);
    await (await bus.bucket('NETWORKS')).delete(name);
  }

  async #stop(name: string): Promise<void> {
    const network = this.#running.get(name);
    this.#running.delete(name);
    await network?.stop();
  }
}

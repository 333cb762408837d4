import type { Bridge } from '../bridge.js';
import type { NetworkConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Lease, Owners, Tenant } from '../ownership/index.js';
import { Counters } from './counters.js';
import { Network, type NetworkParts } from './network.js';
import type { Powers } from './powers.js';
import { SaidLately } from './said-lately.js';
import type { NetworkStatus } from './status.js';

export interface ConfiguredNetworkParts
  extends Omit<NetworkParts, 'lease' | 'owner' | 'counters' | 'saidLately'> {
  readonly owners: Owners;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 500;

/**
 * One network of the config: on standby while another gateway owns it, and here from the moment that the lease is ours
 * until it is lost. Each tenancy begins with empty queues: what the last one did not say is in the log.
 */
export class ConfiguredNetwork implements Tenant {
  readonly name: string;
  readonly #owners: Owners;
  readonly #counters = new Counters();
  readonly #saidLately: SaidLately;
  #parts: ConfiguredNetworkParts;
  #config: NetworkConfig;
  #lease: Lease | null = null;
  #network: Network | null = null;
  /** Settles when the tenancy reads its share of the log, or has ended. */
  #begun: Promise<void> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();
  #since = new Date();

  constructor(config: NetworkConfig, parts: ConfiguredNetworkParts) {
    this.name = config.name;
    this.#config = config;
    this.#parts = parts;
    this.#owners = parts.owners;
    const { bus, owners } = parts;
    this.#saidLately = new SaidLately({ bus, network: config.name, alone: () => owners.alone });
  }

  get kind(): string {
    return this.#config.bridge;
  }

  /** The name of our bot there; null: it is not connected here. */
  get self(): string | null {
    return this.#network?.self ?? null;
  }

  /** Resolves once the network is read from the log here, or at once while it is not ours. Throws what the log says. */
  async start(): Promise<void> {
    if (!this.#owners.alone) await this.#enlist();
    this.#owners.want(this.name, this.#config.prefer, this);
    await this.#begun;
  }

  gained(lease: Lease): void {
    this.#lease = lease;
    // Gained while starting, a fault is the starter's to know.
    this.#begun = this.#begin(lease);
    this.#begun.catch(() => {});
  }

  ended(): Promise<void> {
    this.#lease = null;
    this.#ended = this.#end(this.#ended);
    return this.#ended;
  }

  status(): NetworkStatus {
    const { owner, epoch } = this.#owners.ownership(this.name);
    if (this.#network !== null) return { ...this.#network.status(), owner: this.#owners.gateway, epoch };
    return {
      network: this.name,
      bridge: this.#config.bridge,
      state: 'standby',
      since: this.#since.toISOString(),
      reason: this.#reasonOf(owner),
      retryAt: null,
      degraded: {},
      channels: this.#parts
        .routes()
        .channelsOf(this.name)
        .map(({ address }) => address),
      lag: 0,
      queued: 0,
      inFlight: 0,
      held: [],
      ...this.#parts.standing.on(this.name),
      counters: this.#counters.snapshot(),
      updatedAt: new Date().toISOString(),
      owner,
      epoch,
    };
  }

  /** Takes over a changed config; `bridge` is of its kind. */
  async apply(config: NetworkConfig, bridge: Bridge<unknown>, reconnect: boolean): Promise<void> {
    const otherKind = config.bridge !== this.#config.bridge;
    this.#config = config;
    this.#parts = { ...this.#parts, bridge };
    this.#owners.prefer(this.name, config.prefer);
    if (otherKind) await this.#begunAnew();
    else if (reconnect) await this.#network?.reconnect(config);
    else await this.#network?.adjust(config);
  }

  /** Throws NOT_OWNER, or what `Network.replay` throws. */
  async replay(sequence: number): Promise<void> {
    return this.#owned().replay(sequence);
  }

  /** Closes the connection and opens it again. Throws NOT_OWNER. */
  async reconnect(): Promise<void> {
    await this.#owned().reconnect(this.#config);
  }

  /** Throws NOT_OWNER, or what `Network.whisper` throws. */
  async whisper(person: string, text: string): Promise<void> {
    return this.#owned().whisper(person, text);
  }

  /** The network while it is ours. Throws NOT_OWNER. */
  owned(): Network {
    return this.#owned();
  }

  /** Throws NOT_OWNER. */
  powers(): Powers {
    return this.#owned().powers;
  }

  /** Closes it and lets the next gateway have it. */
  async stop(): Promise<void> {
    await this.#owners.unwant(this.name);
    await this.ended();
    await this.#saidLately.stop();
  }

  #owned(): Network {
    if (this.#network !== null) return this.#network;
    const { owner } = this.#owners.ownership(this.name);
    throw new ParleyError('NOT_OWNER', `${this.name}: ${this.#reasonOf(owner)}`, {
      fix: 'See `parley owners`.',
    });
  }

  /** Among several, the log is open before the first owner is elected. */
  async #enlist(): Promise<void> {
    try {
      await this.#parts.bus.enlist(this.name);
    } catch (error) {
      // Whoever becomes the owner tries until it succeeds.
      this.#parts.log.warn('not enlisted in the log yet', { network: this.name, reason: reasonOf(error) });
    }
  }

  async #begin(lease: Lease): Promise<void> {
    await this.#ended;
    if (!lease.holds()) return;
    const { gateway } = this.#owners;
    const parts = {
      ...this.#parts,
      lease,
      owner: gateway,
      counters: this.#counters,
      saidLately: this.#saidLately,
    };
    const network = new Network(this.#config, parts);
    this.#network = network;
    network.connect();
    await network.listen().catch(async (error: unknown) => {
      // The start does not wait for a backbone that is away; nor does whoever handed the network over.
      if (this.#parts.bus.state !== 'connected') void this.#listenLater(network, error);
      else if (this.#parts.owners.alone) throw error;
      else await this.#listenLater(network, error);
    });
  }

  /** The log may have no leader yet when its old one died together with the old owner. */
  async #listenLater(network: Network, first: unknown): Promise<void> {
    let reason = reasonOf(first);
    for (
      let retryMs = FIRST_RETRY_MS;
      this.#network === network;
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
    ) {
      const isAway = this.#parts.bus.state !== 'connected';
      if (!isAway) this.#parts.log.warn('cannot read the log yet', { network: this.name, reason, retryMs });
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      // That it is away, and when it is back, is said once for all networks.
      if (isAway && this.#parts.bus.state !== 'connected') continue;
      if (this.#network !== network) return;
      try {
        return await network.listen();
      } catch (error) {
        reason = reasonOf(error);
      }
    }
  }

  async #end(before: Promise<void>): Promise<void> {
    await before;
    const network = this.#network;
    this.#network = null;
    this.#since = new Date();
    await network?.stop();
  }

  async #begunAnew(): Promise<void> {
    const lease = this.#lease;
    await this.ended();
    if (lease?.holds() !== true) return;
    this.gained(lease);
    await this.#begun;
  }

  #reasonOf(owner: string | null): string {
    const { excluded, away } = this.#owners;
    if (excluded !== null) return excluded;
    const others = owner === null ? 'no owner' : `owner: ${owner}`;
    return away ? `${others}; this gateway is drained` : others;
  }
}

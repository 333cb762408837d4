import type { Bridge, Channel, Connection, Network as LentNetwork, NetworkEvent } from '../bridge.js';
import type { Bus, Deliveries, Delivery } from '../bus/index.js';
import type { NetworkConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Lease } from '../ownership/index.js';
import { type Routes, render, SaidOnce } from '../routing/index.js';
import type { Counters } from './counters.js';
import { Dispatcher } from './dispatcher.js';
import { Health } from './health.js';
import { Intake } from './intake.js';
import { Ledger } from './ledger.js';
import { Reception } from './reception.js';
import { Replays } from './replays.js';
import { type NetworkStatus, StatusReport, type StatusSource } from './status.js';
import { supervise } from './supervisor.js';
import type { Switchboard } from './switchboard.js';
import { TokenBucket } from './token-bucket.js';
import type { Utterance } from './utterance.js';

export interface NetworkParts {
  readonly bus: Bus;
  readonly switchboard: Switchboard;
  readonly routes: () => Routes;
  readonly bridge: Bridge<unknown>;
  readonly log: Logger;
  /** Asked before everything that others can see. */
  readonly lease: Lease;
  /** Name of this gateway. */
  readonly owner: string;
  /** Outlive this tenancy. */
  readonly counters: Counters;
}

/** One network while it is this gateway's: its connection, its queues, and its share of the room log. */
export class Network {
  readonly name: string;
  readonly kind: string;
  readonly #parts: NetworkParts;
  #config: NetworkConfig;
  readonly #counters: Counters;
  readonly #health: Health;
  readonly #bucket: TokenBucket;
  readonly #ledger: Ledger;
  readonly #dispatcher: Dispatcher;
  readonly #intake: Intake;
  readonly #reception: Reception;
  readonly #replays: Replays;
  readonly #status: StatusReport;
  readonly #log: Logger;
  #connection: Connection | null = null;
  #channels: readonly Channel[];
  #deliveries: Deliveries | null = null;
  #stopped = false;
  #life: { readonly abort: AbortController; readonly ended: Promise<void> } | null = null;

  constructor(config: NetworkConfig, parts: NetworkParts) {
    this.name = config.name;
    this.kind = config.bridge;
    this.#config = config;
    this.#parts = parts;
    this.#counters = parts.counters;
    this.#log = parts.log.child({ network: config.name, bridge: config.bridge });
    this.#channels = parts.routes().channelsOf(config.name);
    this.#health = new Health(() => this.#status.changed());
    this.#bucket = new TokenBucket(config.flood ?? parts.bridge.capabilities.flood);
    this.#ledger = new Ledger((id) => parts.bus.noteSaid(config.name, id));
    this.#ledger.remember(parts.bus.saidBefore(config.name));
    this.#dispatcher = this.#makeDispatcher();
    this.#intake = this.#makeIntake();
    this.#reception = new Reception({
      ...parts,
      network: config.name,
      counters: this.#counters,
      log: this.#log,
    });
    this.#replays = this.#makeReplays();
    this.#status = new StatusReport(parts.bus, this.#statusSource(), this.#log);
  }

  /** Opens the connection, and again whenever it is lost. */
  connect(): void {
    this.#parts.switchboard.join(this.name, this.#intake);
    this.#connect();
  }

  /** Resolves once the log is being read. Throws BACKBONE_UNAVAILABLE; may be called again then. */
  async listen(): Promise<void> {
    const { bus, lease } = this.#parts;
    const take = (delivery: Delivery) => this.#intake.take(delivery);
    const deliveries = await bus.deliveries(this.name, take, () => lease.holds());
    if (this.#stopped) return deliveries.stop();
    this.#deliveries = deliveries;
    const { waiting, unacked } = await deliveries.lag();
    if (waiting + unacked === 0) this.#intake.markCaughtUp();
  }

  status(): Omit<NetworkStatus, 'owner' | 'epoch'> {
    const { waiting, inFlight, held } = this.#dispatcher.queued();
    return {
      network: this.name,
      bridge: this.#config.bridge,
      ...this.#health.snapshot(),
      channels: this.#channels.map(({ address }) => address),
      lag: this.#intake.lag,
      queued: waiting,
      inFlight,
      held,
      counters: this.#counters.snapshot(),
      updatedAt: new Date().toISOString(),
    };
  }

  /** Takes over what needs no new connection: limits, rendering, channels. */
  async adjust(config: NetworkConfig): Promise<void> {
    this.#config = config;
    this.#bucket.adjust(config.flood ?? this.#parts.bridge.capabilities.flood);
    await this.#changeChannels(this.#parts.routes().channelsOf(this.name));
    this.#dispatcher.refresh();
  }

  /** Closes the connection and opens one with the new settings. What waits goes on waiting. */
  async reconnect(config: NetworkConfig): Promise<void> {
    await this.#disconnect();
    await this.adjust(config);
    this.#connect();
  }

  /** Says a dead letter again; see `Replays.replay`. */
  replay(sequence: number): Promise<void> {
    return this.#replays.replay(sequence);
  }

  /** Ends the connection and stops reading the log. What is not said stays in the log. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#parts.switchboard.leave(this.name);
    await this.#disconnect();
    await this.#deliveries?.stop();
    this.#dispatcher.stop();
    await this.#status.stop();
  }

  #connect(): void {
    const abort = new AbortController();
    const options = {
      bridge: this.#parts.bridge,
      settings: this.#config.settings,
      network: this.#lend(),
      health: this.#health,
      log: this.#log,
      onConnected: (connection: Connection) => this.#connected(connection),
      onDisconnected: () => this.#disconnected(),
    };
    this.#life = { abort, ended: supervise(options, abort.signal) };
  }

  async #disconnect(): Promise<void> {
    this.#life?.abort.abort();
    await this.#life?.ended;
    this.#life = null;
  }

  #connected(connection: Connection): void {
    this.#connection = connection;
    this.#dispatcher.connected(connection);
  }

  #disconnected(): void {
    if (this.#connection !== null) this.#counters.reconnects += 1;
    this.#connection = null;
    this.#dispatcher.disconnected();
  }

  #lend(): LentNetwork {
    return {
      name: this.name,
      log: this.#log,
      flood: this.#config.flood ?? this.#parts.bridge.capabilities.flood,
      channels: () => this.#channels,
      owned: () => this.#parts.lease.holds(),
      receive: (event) => {
        const received = this.#receive(event);
        // A bridge may ignore the promise: what went wrong is logged already.
        received.catch(() => {});
        return received;
      },
      degraded: (channel, reason) => this.#degraded(channel, reason),
      dropped: (reason) => this.#counters.drop(reason),
    };
  }

  /** What a thawed gateway finds in its sockets was heard by the next owner too. */
  async #receive(event: NetworkEvent): Promise<void> {
    if (this.#parts.lease.holds()) return this.#reception.receive(event);
    this.#counters.drop('not-owner');
    throw new ParleyError('NOT_OWNER', `${this.name}: this gateway does not own it any more`, {
      fix: 'Nothing: the owner hears it.',
    });
  }

  #statusSource(): StatusSource {
    const { lease, owner } = this.#parts;
    return {
      status: () => ({ ...this.status(), owner, epoch: lease.epoch }),
      mayWrite: () => lease.holds(),
    };
  }

  #degraded(channel: string | null, reason: string | null): void {
    if (reason !== null) this.#log.warn('not whole', { channel, reason });
    this.#health.degrade(channel, reason);
    if (channel !== null && reason === null) this.#dispatcher.release(channel);
  }

  async #changeChannels(wanted: readonly Channel[]): Promise<void> {
    const before = this.#channels;
    this.#channels = wanted;
    const connection = this.#connection;
    if (connection === null) return;
    const keyOf = ({ address, options }: Channel) => JSON.stringify([address, options]);
    const had = new Set(before.map(keyOf));
    const has = new Set(wanted.map(keyOf));
    const changes = [
      ...before.filter((channel) => !has.has(keyOf(channel))).map((channel) => connection.detach(channel)),
      ...wanted.filter((channel) => !had.has(keyOf(channel))).map((channel) => connection.attach(channel)),
    ];
    for (const change of await Promise.allSettled(changes)) {
      if (change.status === 'rejected')
        this.#log.warn('channel change failed', { reason: reasonOf(change.reason) });
    }
  }

  #makeDispatcher(): Dispatcher {
    const { bridge } = this.#parts;
    return new Dispatcher({
      capabilities: bridge.capabilities,
      bucket: this.#bucket,
      counters: this.#counters,
      log: this.#log,
      maxAgeMs: () => this.#config.maxAgeMs,
      render: ({ event, target }, maxBytes) =>
        render(event, { network: this.#config, capabilities: bridge.capabilities, target, maxBytes }),
      bury: (utterance, reason) => this.#bury(utterance, reason),
      caughtUp: () => this.#intake.caughtUp,
      maySpeak: () => this.#parts.lease.holds(),
    });
  }

  #makeIntake(): Intake {
    return new Intake({
      network: this.name,
      routes: this.#parts.routes,
      eventOf: (delivery) => this.#parts.switchboard.eventOf(delivery),
      ledger: this.#ledger,
      saidOnce: new SaidOnce(),
      counters: this.#counters,
      log: this.#log,
      enqueue: (utterance) => this.#dispatcher.enqueue(utterance),
      onCaughtUp: () => this.#dispatcher.flushDigests(),
    });
  }

  #makeReplays(): Replays {
    const { bus, routes } = this.#parts;
    return new Replays({
      network: this.name,
      dead: bus.dead,
      attaches: (channel) =>
        routes()
          .channelsOf(this.name)
          .some(({ address }) => address === channel),
      nextOrder: () => this.#intake.nextOrder(),
      enqueue: (utterance) => this.#dispatcher.enqueue(utterance),
      log: this.#log,
    });
  }

  async #bury(utterance: Utterance, reason: string): Promise<void> {
    const { event, target, attempts, refused } = utterance;
    // A dead letter said again is stored already.
    if (refused !== null) return refused(reason);
    const time = new Date().toISOString();
    await this.#parts.bus.dead.put({
      network: this.name,
      channel: target.channel,
      reason,
      attempts,
      time,
      event,
    });
    this.#counters.dead += 1;
    this.#log.warn('dead letter', { channel: target.channel, eventId: event.id, reason });
  }
}

import type { Bridge, Channel, Connection, Network as LentNetwork, Member, NetworkEvent } from '../bridge.js';
import type { Bus, Deliveries, Delivery } from '../bus/index.js';
import type { NetworkConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Logger } from '../log.js';
import type { ParleyEvent } from '../message/index.js';
import type { Lease } from '../ownership/index.js';
import { RosterReport } from '../roster/index.js';
import { type Routes, SaidOnce } from '../routing/index.js';
import type { Note } from '../trace/index.js';
import { changeChannels } from './attach.js';
import { bury } from './burial.js';
import { answerCanary } from './canary.js';
import { checkChannels } from './check.js';
import type { Counters } from './counters.js';
import { Dispatcher } from './dispatcher.js';
import { Health } from './health.js';
import { Intake } from './intake.js';
import { Ledger } from './ledger.js';
import type { MessageMap } from './message-map.js';
import { phrase } from './phrase.js';
import { type Powers, powersOf } from './powers.js';
import { Reception } from './reception.js';
import { abilitiesOf, References, record } from './reference.js';
import { Replays } from './replays.js';
import { keyOf, type SaidLately } from './said-lately.js';
import type { Standing } from './standing.js';
import { type NetworkStatus, StatusReport, type StatusSource } from './status.js';
import { supervise } from './supervisor.js';
import type { Switchboard } from './switchboard.js';
import { TokenBucket } from './token-bucket.js';
import { Whispers } from './whispers.js';
import { Window } from './window.js';

export interface NetworkParts {
  readonly bus: Bus;
  readonly switchboard: Switchboard;
  readonly map: MessageMap;
  readonly note: Note;
  readonly routes: () => Routes;
  readonly bridge: Bridge<unknown>;
  readonly log: Logger;
  /** Asked before everything that others can see. */
  readonly lease: Lease;
  /** Name of this gateway. */
  readonly owner: string;
  /** Outlive this tenancy. */
  readonly counters: Counters;
  readonly saidLately: SaidLately;
  readonly gate: Gate;
  readonly standing: Standing;
}

/** Somebody came, went or is called otherwise now. */
const CHANGES_MEMBERS = /^member\.|^sys\.netsplit$/;

/** One network while it is this gateway's: its connection, its queues, and its share of the room log. */
export class Network {
  readonly name: string;
  readonly kind: string;
  readonly powers: Powers;
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
  readonly #whispers: Whispers;
  readonly #roster: RosterReport;
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
    this.#bucket = new TokenBucket(this.#flood);
    this.#ledger = new Ledger(
      (id) => parts.bus.noteSaid(config.name, id),
      (key) => parts.saidLately.add(key),
    );
    this.#ledger.remember(parts.bus.saidBefore(config.name));
    this.#dispatcher = this.#makeDispatcher();
    parts.saidLately.begin((known) => this.#dispatcher.told(known));
    this.#intake = this.#makeIntake();
    this.#reception = new Reception({
      ...parts,
      network: config.name,
      counters: this.#counters,
      log: this.#log,
      self: () => this.self,
      isMuted: (channel) => parts.standing.isMuted(config.name, channel),
    });
    this.#replays = this.#makeReplays();
    this.#roster = this.#makeRoster();
    this.#whispers = new Whispers({
      network: this.name,
      possible: parts.bridge.capabilities.privately === true,
      nextOrder: () => this.#intake.nextOrder(),
      enqueue: (utterance) => this.#dispatcher.enqueue(utterance),
    });
    this.powers = powersOf(this.name, () => this.#connection);
    this.#status = new StatusReport(parts.bus, this.#statusSource(), this.#log);
  }

  /** Opens the connection, and again whenever it is lost. */
  connect(): void {
    this.#parts.switchboard.join(this.name, this.#intake);
    this.#connect();
  }

  /**
   * Resolves once the log is being read. Throws BACKBONE_UNAVAILABLE; may be called again then. While the backbone was
   * not reached at all, what this gateway hears is said without waiting for what the log may have.
   */
  async listen(): Promise<void> {
    const { bus, lease } = this.#parts;
    this.#intake.awaitLog(bus.wasReached);
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
      ...this.#parts.standing.on(this.name),
      counters: this.#counters.snapshot(),
      updatedAt: new Date().toISOString(),
    };
  }

  /** The name of our bot there; null: it is not connected. */
  get self(): string | null {
    return this.#connection?.self ?? null;
  }

  /** Takes over what needs no new connection: limits, rendering, channels. */
  async adjust(config: NetworkConfig): Promise<void> {
    this.#config = config;
    this.#bucket.adjust(this.#flood);
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

  /** Says something to one person alone; see `Whispers.whisper`. */
  async whisper(person: string, text: string): Promise<void> {
    await this.#whispers.whisper(person, text);
  }

  /** Says something in one channel alone. Throws NETWORK_UNAVAILABLE, or as `Whispers.sayIn`. */
  async sayIn(channel: string, text: string): Promise<void> {
    this.#living();
    await this.#whispers.sayIn(channel, text);
  }

  /** Who is in a channel, as the network tells. Throws NETWORK_UNAVAILABLE when it does not, now or ever. */
  members(channel: string): readonly Member[] {
    const members = this.#living().members?.(channel) ?? null;
    if (members !== null) return members;
    throw unavailable(this.name, `does not tell who is in ${channel}`, 'See `parley status`.');
  }

  /** Closes the connection until `reconnect`; what waits goes on waiting. */
  async close(reason: string): Promise<void> {
    await this.#disconnect();
    this.#health.enter('stopped', reason);
  }

  /** Ends the connection and stops reading the log. What is not said stays in the log. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#parts.switchboard.leave(this.name);
    await this.#disconnect();
    await this.#deliveries?.stop();
    this.#dispatcher.stop();
    await Promise.all([this.#status.stop(), this.#roster.stop()]);
  }

  #living(): Connection {
    if (this.#connection !== null) return this.#connection;
    throw unavailable(this.name, 'is not connected', 'See `parley status` for the reason.');
  }

  get #flood(): LentNetwork['flood'] {
    return this.#config.flood ?? this.#parts.bridge.capabilities.flood;
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
    this.#roster.allChanged();
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
      flood: this.#flood,
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
      addressed: (message) => {
        if (this.#parts.lease.holds()) this.#parts.gate.addressed(this.name, message);
      },
    };
  }

  /** What a thawed gateway finds in its sockets was heard by the next owner too. */
  async #receive(event: NetworkEvent): Promise<void> {
    if (this.#parts.lease.holds()) {
      if (CHANGES_MEMBERS.test(event.type)) this.#roster.changed(event.channel);
      return this.#reception.receive(event);
    }
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
    if (this.#connection !== null) await changeChannels(this.#connection, before, wanted, this.#log);
  }

  #makeDispatcher(): Dispatcher {
    const { bridge, bus, map, switchboard, note, saidLately } = this.#parts;
    const references = new References(map, switchboard.quotes);
    const graveyard = { network: this.name, dead: bus.dead, counters: this.#counters, log: this.#log };
    const abilities = () => abilitiesOf(bridge.capabilities, this.#connection);
    return new Dispatcher({
      capabilities: bridge.capabilities,
      bucket: this.#bucket,
      window: this.#makeWindow(),
      counters: this.#counters,
      log: this.#log,
      maxAgeMs: () => this.#config.maxAgeMs,
      render: (utterance, maxBytes) => {
        const { capabilities } = bridge;
        const { target } = utterance;
        return phrase(utterance, { network: this.#config, capabilities, target, maxBytes }, abilities());
      },
      peekReference: ({ event, target }) => references.peek(event, target, abilities()),
      saidLately: ({ event, target }) =>
        saidLately.has(event.id) || saidLately.has(keyOf(event.id, target.channel)),
      findReference: ({ event, target }) => references.find(event, target, abilities()),
      traced: ({ event, target }, stage, detail) => note(event.id, stage, this.name, target.channel, detail),
      named: (utterance, natives) => record(map, utterance, natives),
      bury: (utterance, reason) => bury(utterance, reason, graveyard),
      caughtUp: () => this.#intake.caughtUp,
      maySpeak: () => this.#parts.lease.holds(),
    });
  }

  #makeWindow(): Window {
    const { bridge, saidLately } = this.#parts;
    return new Window({
      limit: bridge.capabilities.inFlight,
      untold: () => saidLately.untold,
      // With a flood limit few lines pass anyway, and bridges take their time to make sure of them.
      countsUnconfirmed: () => this.#flood.burst === Number.POSITIVE_INFINITY,
    });
  }

  #makeIntake(): Intake {
    return new Intake({
      network: this.name,
      routes: this.#parts.routes,
      note: this.#parts.note,
      eventOf: (delivery) => this.#parts.switchboard.eventOf(delivery),
      logged: (sequence) => this.#parts.bus.logged(sequence),
      ledger: this.#ledger,
      saidLately: (key) => this.#parts.saidLately.has(key),
      saidInPart: (key) => this.#parts.saidLately.add(key),
      saidOnce: new SaidOnce(),
      counters: this.#counters,
      log: this.#log,
      enqueue: (utterance) => this.#dispatcher.enqueue(utterance),
      canary: (event) => this.#answerCanary(event),
      redelivered: (event) => void this.#parts.map.restore(event),
      onCaughtUp: () => this.#dispatcher.flushDigests(),
    });
  }

  #makeRoster(): RosterReport {
    const { bus, owner, lease } = this.#parts;
    return new RosterReport({
      bus,
      owner,
      network: this.name,
      log: this.#log,
      channels: () => this.#channels.map(({ address }) => address),
      members: (channel) => this.#connection?.members?.(channel) ?? null,
      mayTell: () => lease.holds(),
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

  #answerCanary(canary: ParleyEvent): void {
    const { bus } = this.#parts;
    void checkChannels({
      channels: this.#channels.map(({ address }) => address),
      connection: this.#connection,
      health: this.#health.snapshot(),
      held: this.#dispatcher.queued().held,
    }).then((channels) => answerCanary(bus, canary, this.name, channels, this.#log));
  }
}

function unavailable(network: string, what: string, fix: string): ParleyError {
  return new ParleyError('NETWORK_UNAVAILABLE', `${network} ${what}`, { fix });
}

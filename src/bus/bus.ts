import type { JetStreamManager } from 'nats';
import type { Logger } from '../log.js';
import { encodeEvent, type ParleyEvent } from '../message/index.js';
import { isNotFound } from './api-errors.js';
import { type Ask, asking } from './ask.js';
import { Buckets } from './buckets.js';
import { type Connection, openConnection } from './connection.js';
import { NetworkConsumer } from './consumer.js';
import { copiesOf } from './copies.js';
import { DeadLetterBox } from './dead-letters.js';
import { NetworkDeliveries } from './deliveries.js';
import { Feeds } from './follow.js';
import { hear, tell } from './hearsay.js';
import { History } from './history.js';
import { LogReader } from './log-reader.js';
import { Outbox } from './outbox.js';
import { request, requestAll, serve } from './services.js';
import { Spool } from './spool/spool.js';
import { ensureStreams, reportStream } from './streams.js';
import { Subjects } from './subjects.js';
import { Turn } from './turn.js';
import type {
  Bucket,
  BucketName,
  Bus,
  BusOptions,
  BusState,
  DeadLetters,
  Deliveries,
  Delivery,
  DrainOutcome,
  LoggedEvent,
  PageRequest,
  SpoolStatus,
  Stored,
  StreamCopies,
  Subscription,
} from './types.js';

const AFTER_DELETION_MS = 250;
/** A read that is not answered by then is asked again: see log-reader.ts. */
const READ_ANSWER_MS = 1000;
/**
 * A stream or consumer without a leader answers nothing at all, and a request made then is lost. Whoever waits for the
 * leader asks again soon rather than sitting out the ordinary five seconds.
 */
const ELECTION_POLL_MS = 750;

/**
 * Connects, and creates what is missing on the backbone.
 * Throws BACKBONE_UNAVAILABLE, BACKBONE_DENIED or BACKBONE_CONFLICT.
 */
export async function connectBus(options: BusOptions, log: Logger): Promise<Bus> {
  const connection = await openConnection(options, log);
  try {
    const manager = await connection.nats.jetstreamManager({ checkAPI: false });
    const impatient = await connection.nats.jetstreamManager({ checkAPI: false, timeout: ELECTION_POLL_MS });
    const reading = await connection.nats.jetstreamManager({ checkAPI: false, timeout: READ_ANSWER_MS });
    const subjects = new Subjects(options.prefix);
    await ensureStreams(manager, subjects, options.history, log);
    const spool = options.spool === undefined ? null : await Spool.open(options.spool, log);
    return new NatsBus(options, connection, { patient: manager, impatient, reading }, subjects, spool, log);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Managers {
  readonly patient: JetStreamManager;
  readonly impatient: JetStreamManager;
  readonly reading: JetStreamManager;
}

class NatsBus implements Bus {
  readonly dead: DeadLetters;
  readonly #options: BusOptions;
  readonly #connection: Connection;
  readonly #manager: JetStreamManager;
  readonly #impatient: JetStreamManager;
  readonly #subjects: Subjects;
  readonly #log: Logger;
  readonly #outbox: Outbox;
  readonly #turn = new Turn();
  readonly #history: History;
  readonly #feeds: Feeds;
  readonly #buckets: Buckets;
  readonly #asked: Ask;
  readonly #deliveries = new Set<Deliveries>();
  #streamCreated = '';

  constructor(
    options: BusOptions,
    connection: Connection,
    managers: Managers,
    subjects: Subjects,
    spool: Spool | null,
    log: Logger,
  ) {
    const { nats } = connection;
    const manager = managers.patient;
    this.#options = options;
    this.#connection = connection;
    this.#manager = manager;
    this.#impatient = managers.impatient;
    this.#subjects = subjects;
    this.#log = log;
    this.#asked = asking(connection);
    const reader = new LogReader(nats, managers.reading, subjects.roomStream);
    this.#history = new History(reader, subjects, log);
    this.#outbox = new Outbox({
      connection,
      spool,
      log,
      held: () => this.#checkStream(),
      idsSince: (subject, sinceMs) => this.#asked('log', () => this.#history.idsSince(subject, sinceMs)),
    });
    this.#feeds = new Feeds({ nats, reader, history: this.#history, subjects, log });
    const ask = this.#asked;
    const client = nats.jetstream();
    const deadReader = new LogReader(nats, managers.reading, subjects.deadStream);
    this.dead = new DeadLetterBox({ client, manager, reader: deadReader, subjects, ask });
    this.#buckets = new Buckets({ nats, client, subjects, history: options.history, ask, log });
    connection.onState((state) => this.#stateChanged(state));
    this.#checkStream();
  }

  get unstored(): number {
    return this.#outbox.unstored + this.#turn.size;
  }

  get spool(): SpoolStatus | null {
    return this.#outbox.spool;
  }

  onDrained(listener: (id: string, outcome: DrainOutcome) => void): void {
    this.#outbox.onDrained(listener);
  }

  noteSaid(network: string, eventId: string): void {
    this.#outbox.noteSaid(network, eventId);
  }

  saidBefore(network: string): ReadonlySet<string> {
    return this.#outbox.saidBefore(network);
  }

  get state(): BusState {
    return this.#connection.state;
  }

  onState(listener: (state: BusState) => void): void {
    this.#connection.onState(listener);
  }

  get accepting(): boolean {
    return this.#outbox.accepting;
  }

  store(event: ParleyEvent): Promise<Stored> {
    return new Promise((resolve, reject) => {
      this.#turn.defer(() => this.#publish(event).then(resolve, reject));
    });
  }

  /** Async, so that an event that cannot be encoded rejects. */
  async #publish(event: ParleyEvent): Promise<Stored> {
    return this.#outbox.publish(event.id, this.#subjects.room(event.subject), encodeEvent(event));
  }

  async deliveries(
    network: string,
    handler: (delivery: Delivery) => void,
    mayTake: () => boolean = () => true,
  ): Promise<Deliveries> {
    const source = {
      connection: this.#connection,
      consumer: this.#consumer(network),
      stream: () => this.#roomStream(),
      ask: this.#asked,
      mayTake,
      log: this.#log.child({ network }),
    };
    const deliveries = new NetworkDeliveries(source, handler);
    try {
      await this.#asked(`deliveries of ${network}`, () => deliveries.open());
    } catch (error) {
      await deliveries.stop();
      throw error;
    }
    this.#deliveries.add(deliveries);
    return deliveries;
  }

  async enlist(network: string): Promise<void> {
    await this.#asked(`consumer of ${network}`, () => this.#consumer(network).ensure(null));
  }

  async forget(network: string): Promise<void> {
    await this.#asked(`consumer of ${network}`, () => this.#consumer(network).remove());
  }

  read(room: string, page: PageRequest): Promise<readonly LoggedEvent[]> {
    return this.#asked(`log of ${room}`, () => this.#history.read(room, page));
  }

  sequenceOf(room: string, eventId: string, among?: number): Promise<number | null> {
    return this.#asked(`log of ${room}`, () => this.#history.sequenceOf(room, eventId, among));
  }

  follow(room: string, after: number | null, handler: (event: LoggedEvent) => void): Promise<Subscription> {
    return this.#asked(`log of ${room}`, () => this.#feeds.follow(room, after, handler));
  }

  bucket<Value>(name: BucketName): Promise<Bucket<Value>> {
    return this.#buckets.open(name);
  }

  request<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<Answer> {
    return request<Answer>(this.#connection.nats, this.#subjects.verb(verb), body, timeoutMs);
  }

  requestAll<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<readonly Answer[]> {
    return requestAll<Answer>(this.#connection.nats, this.#subjects.verb(verb), body, timeoutMs);
  }

  serveEach(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription {
    return serve(this.#connection.nats, this.#subjects.verb(verb), null, handler, this.#log);
  }

  serve(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription {
    const { nats } = this.#connection;
    return serve(nats, this.#subjects.verb(verb), this.#subjects.answerers, handler, this.#log);
  }

  tell(words: readonly string[], body: unknown): void {
    tell(this.#connection, this.#subjects.verb(words), body);
  }

  hear(words: readonly string[], handler: (body: unknown) => void): Subscription {
    return hear(this.#connection.nats, this.#subjects.verb(words), handler, this.#log);
  }

  ping(): Promise<number> {
    return this.#asked('ping', () => this.#connection.nats.rtt());
  }

  usage(): Promise<{ readonly messages: number; readonly bytes: number; readonly lastSequence: number }> {
    return this.#asked('usage', async () => {
      const { state } = await this.#manager.streams.info(this.#subjects.roomStream);
      return { messages: state.messages, bytes: state.bytes, lastSequence: state.last_seq };
    });
  }

  copies(): Promise<readonly StreamCopies[]> {
    return this.#asked('copies', () => copiesOf(this.#manager));
  }

  async close(graceMs: number): Promise<void> {
    this.#feeds.end(null);
    this.#turn.finish();
    await this.#outbox.close(graceMs);
    await Promise.all([...this.#deliveries].map((deliveries) => deliveries.stop()));
    await this.#connection.close();
  }

  #consumer(network: string): NetworkConsumer {
    const { roomStream, everyRoom } = this.#subjects;
    return new NetworkConsumer(this.#impatient, roomStream, this.#subjects.consumer(network), everyRoom);
  }

  /** When ROOMS was created; makes it first when the backbone has lost it. */
  async #roomStream(): Promise<string> {
    const created = (await this.#findRoomStream()) ?? (await this.#makeRoomStream());
    if (this.#streamCreated !== '' && this.#streamCreated !== created) this.#feeds.restart();
    this.#streamCreated = created;
    return created;
  }

  async #findRoomStream(): Promise<string | null> {
    try {
      return (await this.#impatient.streams.info(this.#subjects.roomStream)).created;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async #makeRoomStream(): Promise<string> {
    // A stream made while nats-server 2.9.10 still deletes the old one has consumers that never deliver.
    if (this.#streamCreated !== '') await new Promise((resolve) => setTimeout(resolve, AFTER_DELETION_MS));
    await ensureStreams(this.#manager, this.#subjects, this.#options.history, this.#log);
    return (await this.#manager.streams.info(this.#subjects.roomStream)).created;
  }

  #stateChanged(state: BusState): void {
    if (state !== 'connected') return;
    this.#feeds.refill();
    this.#buckets.refresh();
    this.#checkStream();
  }

  /** The server may have come back without its store, or somebody deleted the stream. */
  #checkStream(): void {
    this.#roomStream().catch((error: unknown) => reportStream(this.#log, error));
  }
}

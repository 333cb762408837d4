import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { encodeEvent, type ParleyEvent } from '../message/index.js';
import { isNotFound } from './api-errors.js';
import { Arrival } from './arrival.js';
import { type Ask, asking } from './ask.js';
import { lateAudit } from './audit.js';
import { commandsOn } from './commands.js';
import { Connection, dial } from './connection.js';
import { NetworkConsumer } from './consumer.js';
import { copiesOf } from './copies.js';
import { lateDeadLetters } from './dead-letters.js';
import { type Facilities, facilitiesOf } from './facilities.js';
import { checkServer } from './fitness.js';
import { hear, tell } from './hearsay.js';
import { Outbox } from './outbox.js';
import { beginSecondReadings, READ_AGAIN, type ReadAgain } from './second-reading.js';
import { request, requestAll, serve } from './services.js';
import { openShare } from './share.js';
import { Spool } from './spool/spool.js';
import { ensureStreams, reportStream } from './streams.js';
import { Subjects } from './subjects.js';
import { Turn } from './turn.js';
import type {
  Absence,
  AuditLog,
  Bucket,
  BucketName,
  Bus,
  BusOptions,
  BusState,
  Commands,
  DeadLetters,
  Deliveries,
  Delivery,
  DrainOutcome,
  LoggedEvent,
  LoggedId,
  PageRequest,
  SpoolStatus,
  Stored,
  StreamCopies,
  Subscription,
} from './types.js';

const AFTER_DELETION_MS = 250;
/** How long a start waits for a backbone that does not say no. */
const FIRST_WAIT_MS = 5000;

/**
 * Connects, and creates what is missing on the backbone.
 * Throws BACKBONE_UNAVAILABLE, BACKBONE_DENIED, BACKBONE_CONFLICT or BACKBONE_UNFIT; STORE_UNWRITABLE for the spool.
 */
export async function connectBus(options: BusOptions, log: Logger): Promise<Bus> {
  return begun(options, log, (arrival) => arrival.now());
}

/**
 * As `connectBus`, but a backbone that is away is no error: the bus is there at once, accepts events into its spool,
 * answers everything that needs the backbone with BACKBONE_UNAVAILABLE, and connects when it can. See `Bus.absence`.
 */
export async function openBus(options: BusOptions, log: Logger): Promise<Bus> {
  return begun(options, log, (arrival) => arrival.begin(FIRST_WAIT_MS));
}

async function begun(
  options: BusOptions,
  log: Logger,
  arrive: (arrival: Arrival) => Promise<void>,
): Promise<Bus> {
  const spool = options.spool === undefined ? null : await Spool.open(options.spool, log);
  const bus = new NatsBus(options, spool, log);
  try {
    await arrive(bus.arrival);
    return bus;
  } catch (error) {
    await bus.close(0);
    throw error;
  }
}

class NatsBus implements Bus {
  readonly dead: DeadLetters;
  readonly audit: AuditLog;
  readonly commands: Commands;
  readonly arrival: Arrival;
  readonly #options: BusOptions;
  readonly #connection: Connection;
  readonly #subjects: Subjects;
  readonly #log: Logger;
  readonly #spool: Spool | null;
  readonly #outbox: Outbox;
  readonly #turn = new Turn();
  readonly #asked: Ask;
  readonly #deliveries = new Set<Deliveries>();
  /** Networks whose share of the log begins before anything more is stored. */
  readonly #expected = new Set<string>();
  #facilities: Facilities | null = null;
  #lost: { readonly since: string; readonly state: BusState } | null = null;
  #wasReached = false;
  #streamCreated = '';

  constructor(options: BusOptions, spool: Spool | null, log: Logger) {
    const connection = new Connection(null, log);
    this.#options = options;
    this.#connection = connection;
    this.#subjects = new Subjects(options.prefix);
    this.#log = log;
    this.#spool = spool;
    this.#asked = asking(connection);
    this.#outbox = new Outbox({
      connection,
      spool,
      log,
      held: () => this.#checkStream(),
      idsSince: (subject, sinceMs) =>
        this.#asked('log', () => this.#there.history.idsSince(subject, sinceMs)),
    });
    this.dead = lateDeadLetters(() => this.#there.dead);
    this.audit = lateAudit(() => this.#there.audit);
    this.commands = commandsOn(connection, this.#subjects, log);
    this.arrival = new Arrival(() => this.#arrive(), log);
    connection.onState((state) => this.#stateChanged(state));
  }

  get absence(): Absence | null {
    if (this.state === 'connected') return null;
    if (this.#lost === null) return this.arrival.absence;
    const { since, state } = this.#lost;
    return {
      since,
      code: 'BACKBONE_UNAVAILABLE',
      reason: state === 'closed' ? 'closed' : 'the connection is lost',
    };
  }

  get wasReached(): boolean {
    return this.#wasReached;
  }

  wasSpooled(eventId: string): boolean {
    return this.#spool?.leftBefore(eventId) === true;
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
    this.#expected.add(network);
    const source = {
      connection: this.#connection,
      consumer: this.#consumer(network),
      stream: () => this.#roomStream(),
      ask: this.#asked,
      mayTake,
      manager: this.#there.impatient,
      second: this.#subjects.secondOf(this.#subjects.consumer(network)),
      hear: (begun: () => void) => this.hear(READ_AGAIN, begun),
      log: this.#log.child({ network }),
    };
    const deliveries = await openShare(source, handler);
    this.#deliveries.add(deliveries);
    return deliveries;
  }

  async readAgain(stretches: ReadonlyMap<string, number>): Promise<void> {
    const source = {
      manager: this.#there.impatient,
      subjects: this.#subjects,
      log: this.#log,
      goingOn: () => this.state === 'connected',
    };
    await this.#asked('reading again', () => beginSecondReadings(source, stretches));
    const told: ReadAgain = { from: Math.min(...stretches.values()) };
    this.tell(READ_AGAIN, told);
  }

  async enlist(network: string): Promise<void> {
    this.#expected.add(network);
    await this.#asked(`consumer of ${network}`, () => this.#consumer(network).ensure(null));
  }

  async forget(network: string): Promise<void> {
    this.#expected.delete(network);
    await this.#asked(`consumer of ${network}`, async () => {
      const name = this.#subjects.consumer(network);
      for (const each of [name, this.#subjects.secondOf(name)]) await this.#consumer(network, each).remove();
    });
  }

  logged(sequence: number): Promise<ParleyEvent> {
    return this.#asked('log', () => this.#there.history.at(sequence));
  }

  read(room: string, page: PageRequest): Promise<readonly LoggedEvent[]> {
    return this.#asked(`log of ${room}`, () => this.#there.history.read(room, page));
  }

  newest(room: string): Promise<number> {
    return this.#asked(`log of ${room}`, () => this.#there.history.newest(room));
  }

  sequenceOf(room: string, eventId: string, among?: number): Promise<number | null> {
    return this.#asked(`log of ${room}`, () => this.#there.history.sequenceOf(room, eventId, among));
  }

  follow(
    room: string,
    after: number | null,
    handler: (event: LoggedEvent) => void,
    looked?: (ids: readonly LoggedId[]) => void,
  ): Promise<Subscription> {
    return this.#asked(`log of ${room}`, () => this.#there.feeds.follow(room, after, { handler, looked }));
  }

  get doubted(): number | null {
    return this.#facilities?.secondLook.doubted ?? null;
  }

  async bucket<Value>(name: BucketName): Promise<Bucket<Value>> {
    return this.#there.buckets.open(name);
  }

  async once(name: string): Promise<boolean> {
    return this.#there.once.first(name);
  }

  async request<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<Answer> {
    return request<Answer>(this.#connection.nats, this.#subjects.verb(verb), body, timeoutMs);
  }

  async requestAll<Answer>(
    verb: readonly string[],
    body: unknown,
    timeoutMs: number,
  ): Promise<readonly Answer[]> {
    return requestAll<Answer>(this.#connection.nats, this.#subjects.verb(verb), body, timeoutMs);
  }

  serveEach(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription {
    return serve(this.#connection, this.#subjects.verb(verb), null, handler, this.#log);
  }

  serve(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription {
    const { answerers } = this.#subjects;
    return serve(this.#connection, this.#subjects.verb(verb), answerers, handler, this.#log);
  }

  serveBelow(
    words: readonly string[],
    handler: (rest: readonly (string | null)[], body: unknown) => Promise<unknown>,
  ): Subscription {
    const { answerers } = this.#subjects;
    const answer = (body: unknown, subject: string) => handler(this.#subjects.restOf(words, subject), body);
    return serve(this.#connection, this.#subjects.below(words), answerers, answer, this.#log);
  }

  tell(words: readonly string[], body: unknown): void {
    tell(this.#connection, this.#subjects.verb(words), body);
  }

  hear(words: readonly string[], handler: (body: unknown) => void): Subscription {
    return hear(this.#connection, this.#subjects.verb(words), handler, this.#log);
  }

  ping(): Promise<number> {
    return this.#asked('ping', () => this.#connection.nats.rtt());
  }

  usage(): Promise<{ readonly messages: number; readonly bytes: number; readonly lastSequence: number }> {
    return this.#asked('usage', async () => {
      const { state } = await this.#there.patient.streams.info(this.#subjects.roomStream);
      return { messages: state.messages, bytes: state.bytes, lastSequence: state.last_seq };
    });
  }

  copies(): Promise<readonly StreamCopies[]> {
    return this.#asked('copies', () => copiesOf(this.#there.patient));
  }

  async close(graceMs: number): Promise<void> {
    this.arrival.end();
    this.#facilities?.secondLook.stop();
    this.#facilities?.feeds.end(null);
    this.#turn.finish();
    await this.#outbox.close(graceMs);
    await Promise.all([...this.#deliveries].map((deliveries) => deliveries.stop()));
    await this.#connection.close();
  }

  #consumer(network: string, name = this.#subjects.consumer(network)): NetworkConsumer {
    const { roomStream, everyRoom } = this.#subjects;
    return new NetworkConsumer(this.#there.impatient, roomStream, name, everyRoom);
  }

  /** When ROOMS was created; makes it first when the backbone has lost it. */
  async #roomStream(): Promise<string> {
    const created = (await this.#findRoomStream()) ?? (await this.#makeRoomStream());
    if (this.#streamCreated !== '' && this.#streamCreated !== created) this.#there.feeds.restart();
    this.#streamCreated = created;
    return created;
  }

  async #findRoomStream(): Promise<string | null> {
    try {
      return (await this.#there.impatient.streams.info(this.#subjects.roomStream)).created;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async #makeRoomStream(): Promise<string> {
    // A stream made while nats-server 2.9.10 still deletes the old one has consumers that never deliver.
    if (this.#streamCreated !== '') await new Promise((resolve) => setTimeout(resolve, AFTER_DELETION_MS));
    const { patient } = this.#there;
    await ensureStreams(patient, this.#subjects, this.#options.history, this.#log);
    return (await patient.streams.info(this.#subjects.roomStream)).created;
  }

  #stateChanged(state: BusState): void {
    this.#lost = state === 'connected' ? null : { since: new Date().toISOString(), state };
    if (state !== 'connected') return;
    const { feeds, buckets } = this.#there;
    feeds.refill();
    buckets.refresh();
    this.#checkStream();
  }

  /** Throws BACKBONE_UNAVAILABLE before the backbone is reached. */
  get #there(): Facilities {
    if (this.#facilities !== null) return this.#facilities;
    throw new ParleyError('BACKBONE_UNAVAILABLE', `the backbone is away: ${this.arrival.absence.reason}`, {
      fix: 'The gateway connects by itself; `parley status` says since when and why.',
    });
  }

  /** Until all of it is done, the log takes nothing of us. */
  async #arrive(): Promise<void> {
    const connection = this.#connection;
    if (!connection.wasLinked) connection.link(await dial(this.#options));
    if (!connection.linked) throw new Error('the connection is lost again');
    const { address, member = false } = this.#options;
    checkServer(connection.info, { behindLeaf: address.behindLeaf === true, member });
    this.#facilities ??= await facilitiesOf(
      connection,
      this.#subjects,
      this.#options,
      this.#asked,
      this.#log,
    );
    await ensureStreams(this.#facilities.patient, this.#subjects, this.#options.history, this.#log);
    for (const network of this.#expected) await this.#consumer(network).ensure(null);
    this.#wasReached = true;
    this.#spool?.forgetBefore();
    connection.admit();
  }

  /** The server may have come back without its store, or somebody deleted the stream. */
  #checkStream(): void {
    this.#roomStream().catch((error: unknown) => reportStream(this.#log, error));
  }
}

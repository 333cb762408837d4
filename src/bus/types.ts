/** What the rest of Parley sees of the backbone. Only this folder imports `nats`. */
import type { ErrorCode } from '../errors.js';
import type { ParleyEvent } from '../message/index.js';
import type { CommandAnswer, FoundCommand, ServedCommand } from './commands.js';

/** How to reach a nats-server. */
export interface BusAddress {
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly credentials?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Tried in this order, so that a machine keeps to its own server. Default: in any. */
  readonly inOrder?: boolean;
  /** The server is a leaf's: it has no streams itself, and those of its hub may be away. */
  readonly behindLeaf?: boolean;
}

export interface BusOptions {
  readonly address: BusAddress;
  readonly prefix: string;
  readonly history: {
    readonly maxAgeMs: number;
    readonly maxBytes: number;
    /** Copies of every stream and bucket. Null: what exists keeps what it has, what is made has one. */
    readonly replicas: number | null;
  };
  /** Shown in the server's connection list: `parley alpha`. */
  readonly name: string;
  /** The server is our own, of a member of a cluster: its JetStream is off once the others have removed it. */
  readonly member?: boolean;
  /** Where events wait on disk while the backbone is away; the caller holds the directory. Absent: only in memory. */
  readonly spool?: SpoolOptions;
}

export interface SpoolOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** Each batch is on the disk, not only with the operating system, before it counts as accepted. */
  readonly sync: boolean;
}

export interface Bus {
  /**
   * Stores the event in ROOMS under its id and resolves once the stream has it, or the spool while the backbone is
   * away. Sent at the end of this turn of the event loop, pipelined in call order, after an outage too, under the same
   * ids. Without a spool it is kept in memory and the promise stays open.
   * Throws ParleyError `OUTBOX_FULL` when spool or memory is full: hold the source back.
   */
  store(event: ParleyEvent): Promise<Stored>;
  /** False while `store` would throw OUTBOX_FULL. */
  readonly accepting: boolean;
  /** Events that the stream has not confirmed yet, in memory and in the spool. */
  readonly unstored: number;
  /** Null: there is none. */
  readonly spool: SpoolStatus | null;
  /** Tells what became of each event of the spool when the backbone is back. */
  onDrained(listener: (id: string, outcome: DrainOutcome) => void): void;
  /** The network has said an event that `store` left in the spool: told again by `saidBefore` after a crash. */
  noteSaid(network: string, eventId: string): void;
  /** Events that this network said before it was opened and whose copy may still come from the log. */
  saidBefore(network: string): ReadonlySet<string>;
  /**
   * Opens the network's durable pull consumer and passes what it delivers to `handler`, in stream order. While
   * `mayTake` says no, nothing is ordered and nothing that comes is taken: it is another owner's then.
   */
  deliveries(
    network: string,
    handler: (delivery: Delivery) => void,
    mayTake?: () => boolean,
  ): Promise<Deliveries>;
  /** Makes sure that the network's durable consumer exists, so that it misses nothing that is stored from now on. */
  enlist(network: string): Promise<void>;
  /**
   * Has networks read a stretch of the log a second time, whoever owns them: by consumer, the first sequence that it may
   * have been led past. Resolves once the servers know; what was said already is not said again. Followers of rooms get
   * what they have missed, late. Throws what the servers say.
   */
  readAgain(stretches: ReadonlyMap<string, number>): Promise<void>;
  /** Deletes the durable consumer of a network that the config no longer has. */
  forget(network: string): Promise<void>;
  /** The event of this stream sequence. Throws EVENT_INVALID when what the log has there is none, NOT_FOUND. */
  logged(sequence: number): Promise<ParleyEvent>;
  /** Sequence of a room's last event; 0: there is none. A page may come from a server that has not got it yet. */
  newest(room: string): Promise<number>;
  /** One page of a room's log, oldest first. `before` and `after` are exclusive stream sequences. */
  read(room: string, page: PageRequest): Promise<readonly LoggedEvent[]>;
  /**
   * The stream sequence of an event id in a room's log, or null. `among`: how many of the newest to look at
   * (default 100,000).
   */
  sequenceOf(room: string, eventId: string, among?: number): Promise<number | null>;
  /**
   * Every event of the room after `after` (exclusive; null = only new ones), each once, in order, without a gap. What a
   * server with an odd copy of the log kept from us comes late. `looked`: what the log has lately, read once more, for who
   * has read pages of it.
   */
  follow(
    room: string,
    after: number | null,
    handler: (event: LoggedEvent) => void,
    looked?: (ids: readonly LoggedId[]) => void,
  ): Promise<Subscription>;
  /** The first sequence that readers of the last minutes may have been misled about; null: none is known. */
  readonly doubted: number | null;
  readonly dead: DeadLetters;
  readonly audit: AuditLog;
  readonly commands: Commands;
  /** Replicated key/value buckets. Keys are any text; values JSON. */
  bucket<Value>(name: BucketName): Promise<Bucket<Value>>;
  /**
   * True for exactly one of all calls with this name, of all gateways, within a week; take a name that is never used
   * again. Throws BACKBONE_UNAVAILABLE, and then nobody knows: the name may be used up.
   */
  once(name: string): Promise<boolean>;
  /** Asks whoever serves `parley.{verb}`; throws BACKBONE_UNAVAILABLE when nobody answers within `timeoutMs`. */
  request<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<Answer>;
  /**
   * Asks everybody who serves `parley.{verb}` for each; resolves with the answers once no more come, after
   * `timeoutMs` at the latest. Answers that are errors are left out. Throws BACKBONE_UNAVAILABLE when nobody
   * answers.
   */
  requestAll<Answer>(verb: readonly string[], body: unknown, timeoutMs: number): Promise<readonly Answer[]>;
  /** As `serve`, but each process that serves the verb answers. */
  serveEach(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription;
  /** Answers `parley.{verb}`; a handler that throws answers with its error. */
  serve(verb: readonly string[], handler: (body: unknown) => Promise<unknown>): Subscription;
  /**
   * As `serve`, for all that is below `parley.{words}`: `parley.network.quakenet.say` comes to `['network']` with the rest
   * `['quakenet', 'say']`. Null in place of a word that nobody could have encoded so.
   */
  serveBelow(
    words: readonly string[],
    handler: (rest: readonly (string | null)[], body: unknown) => Promise<unknown>,
  ): Subscription;
  /** Tells whoever listens to `parley.{words}` now: not stored, not answered, not sent while disconnected. */
  tell(words: readonly string[], body: unknown): void;
  /** Hears all that is told to `parley.{words}`, one's own words too. */
  hear(words: readonly string[], handler: (body: unknown) => void): Subscription;
  readonly state: BusState;
  /** Why and since when the backbone cannot be used, or null: it can. */
  readonly absence: Absence | null;
  /** The backbone could be used at some time since the start. */
  readonly wasReached: boolean;
  /** An earlier run left the event in the spool: it is stored from there. Known until the log has known it for a while. */
  wasSpooled(eventId: string): boolean;
  onState(listener: (state: BusState) => void): void;
  /** Round trip to the server, ms. */
  ping(): Promise<number>;
  /** What the ROOMS stream holds. */
  usage(): Promise<{ readonly messages: number; readonly bytes: number; readonly lastSequence: number }>;
  /** Where the copies of every stream and bucket are. */
  copies(): Promise<readonly StreamCopies[]>;
  /** Waits up to `graceMs` for unstored events and acks, then closes. */
  close(graceMs: number): Promise<void>;
}

export interface StreamCopies {
  readonly stream: string;
  /** How many it should have. */
  readonly wanted: number;
  /** Name of the server that leads it; null: none does now. */
  readonly leader: string | null;
  readonly copies: readonly {
    readonly server: string;
    readonly current: boolean;
    /** Messages that it is behind. */
    readonly lag: number;
  }[];
}

export interface Absence {
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Code of the error; null: not known yet. */
  readonly code: ErrorCode | null;
  readonly reason: string;
}

export type BusState = 'connected' | 'reconnecting' | 'closed';
/** A backup takes all of them. */
export const BUCKETS = [
  'NETWORKS',
  'TOKENS',
  'MESSAGE_MAP',
  'GRANTS',
  'LINKS',
  'BANS',
  'BROADCASTS',
  'ROSTER',
  'ORDERS',
  'CONFIGS',
  'KNOWN',
] as const;
export type BucketName = (typeof BUCKETS)[number];

export interface Stored {
  /** Place in the log; 0 while only the spool has it. */
  readonly sequence: number;
  /** The stream had this id already. */
  readonly duplicate: boolean;
  /** It is on the disk of this machine and goes to the log when the backbone is back. */
  readonly spooled?: true;
}

/** `duplicate`: the stream had this id already. `refused`: it never takes it; the event is set aside. */
export type DrainOutcome = 'stored' | 'duplicate' | 'refused';

export interface SpoolStatus {
  /** Events that wait in it. */
  readonly events: number;
  /** What its files take. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** When the oldest of them was accepted: RFC 3339, UTC. */
  readonly since: string | null;
  /** Why it takes nothing now. */
  readonly blocked: string | null;
  /** Events that the stream refused for good since the start; they are in `refused.jsonl`. */
  readonly refused: number;
  /** Damaged stretches of its files that were passed over since the start. */
  readonly damaged: number;
}

export interface Delivery {
  /** The event id, read from the header: free of decoding. */
  readonly id: string;
  readonly sequence: number;
  /** How many more the consumer has waiting after this one. 0 = caught up. */
  readonly pending: number;
  readonly redelivered: boolean;
  /** It comes late, of a stretch that is read a second time: see `Bus.readAgain`. */
  readonly again: boolean;
  /** A gateway that kept the event in its spool had said it on this network before the log had it. */
  wasSaidOn(network: string): boolean;
  /** Decodes the body; throws EVENT_INVALID. */
  event(): ParleyEvent;
  /** The raw body. */
  readonly data: Uint8Array;
  /** Done: never delivered again. Sent with the next flush. */
  ack(): void;
}

export interface Deliveries {
  /** Consumer state as the server has it. */
  lag(): Promise<{ readonly waiting: number; readonly unacked: number }>;
  stop(): Promise<void>;
}

export interface PageRequest {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

export interface LoggedEvent {
  readonly sequence: number;
  readonly event: ParleyEvent;
  /** To a follower: it belongs before events that were passed on already, and was not seen then. */
  readonly late?: true;
}

export interface LoggedId {
  readonly sequence: number;
  readonly id: string;
}

export interface Subscription {
  stop(): Promise<void>;
  /** Settles once: rejects when the subscription ended on its own. */
  readonly closed: Promise<void>;
}

export interface DeadLetter {
  readonly network: string;
  readonly channel: string;
  readonly reason: string;
  readonly attempts: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly event: ParleyEvent;
}

export interface DeadLetters {
  put(letter: DeadLetter): Promise<void>;
  list(
    network: string | null,
    limit: number,
  ): Promise<readonly (DeadLetter & { readonly sequence: number })[]>;
  get(sequence: number): Promise<DeadLetter | null>;
  /** Removes one; false when it was not there. */
  drop(sequence: number): Promise<boolean>;
  dropAll(network: string | null): Promise<number>;
}

/** Commands of this and other programs, as NATS micro services: see commands.ts. */
export interface Commands {
  /** Offers these to every gateway; begins once a server is reached. */
  serve(version: string, commands: readonly ServedCommand[]): Subscription;
  /** Those that services of all kinds offer now, ours too. Takes up to a second. */
  find(): Promise<readonly FoundCommand[]>;
  /** Throws BACKBONE_UNAVAILABLE when the service does not answer within `timeoutMs`. */
  call(name: string, body: unknown, timeoutMs: number): Promise<CommandAnswer>;
}

export interface AuditLog {
  /** Resolves once the act is stored. */
  put(act: unknown): Promise<void>;
  /** The newest `limit` acts before the sequence `before` (exclusive; default all), oldest first. */
  list(limit: number, before?: number): Promise<readonly Audited[]>;
}

export interface Audited {
  readonly sequence: number;
  readonly act: unknown;
}

export interface Bucket<Value> {
  get(key: string): Promise<Value | null>;
  put(key: string, value: Value): Promise<void>;
  /**
   * Puts many in one go, in order, for one answer: an eighth of the time of as many `put`. When it throws, nobody
   * knows which are there: put all of them again.
   */
  putAll(entries: ReadonlyMap<string, Value>): Promise<void>;
  delete(key: string): Promise<void>;
  entries(): Promise<ReadonlyMap<string, Value>>;
  /** Calls back for every present entry first, then for each change (null = deleted). */
  watch(listener: (key: string, value: Value | null) => void): Promise<Subscription>;
}

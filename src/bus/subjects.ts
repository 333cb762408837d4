/**
 * The only place that builds or reads NATS subjects and the names of streams, consumers and buckets.
 *
 * nats 2.29.3 does not check subjects: a room named `a 0\r\n\r\nPUB admin.kill 4\r\nboom` would reach the server as
 * two commands. So every text from outside becomes one token of `[A-Za-z0-9_-]` and `=HH`, byte for byte.
 */
import { decodeToken, encodeToken } from '../message/index.js';

export const DEFAULT_PREFIX = 'parley';
const SECOND = '=again';

/** Commands are typed by people: their names need no encoding. */
export const COMMAND = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** All subjects and names of one gateway prefix. Streams carry the prefix unless it is the default one. */
export class Subjects {
  readonly #prefix: string;
  /** What the names of streams and buckets begin with. */
  readonly head: string;
  readonly #rooms = new Map<string, string>();
  readonly roomStream: string;
  readonly deadStream: string;
  readonly auditStream: string;
  readonly everyRoom: string;
  readonly everyDead: string;
  readonly audit: string;
  readonly onceStream: string;
  readonly everyOnce: string;
  /** Where the server republishes what ROOMS stored; it fills in the room's token. */
  readonly republished: string;

  constructor(prefix: string) {
    this.#prefix = encodeToken(prefix);
    this.head = prefix === DEFAULT_PREFIX ? '' : `${this.#prefix}_`;
    this.roomStream = `${this.head}ROOMS`;
    this.deadStream = `${this.head}DEAD`;
    this.auditStream = `${this.head}AUDIT`;
    this.everyRoom = `${this.#prefix}.room.*`;
    this.everyDead = `${this.#prefix}.dead.*`;
    this.audit = `${this.#prefix}.audit`;
    this.onceStream = `${this.head}ONCE`;
    this.everyOnce = `${this.#prefix}.once.*`;
    this.republished = `${this.#prefix}.live.room.{{wildcard(1)}}`;
  }

  /** Remembered, because every event of a room needs it. */
  room(room: string): string {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const subject = `${this.#prefix}.room.${encodeToken(room)}`;
    // Rooms come from the config; the limit only guards against names made up by a flood of outside requests.
    if (this.#rooms.size < 10_000) this.#rooms.set(room, subject);
    return subject;
  }

  live(room: string): string {
    return `${this.#prefix}.live.room.${encodeToken(room)}`;
  }

  dead(network: string): string {
    return `${this.#prefix}.dead.${encodeToken(network)}`;
  }

  command(name: string): string {
    return `${this.#prefix}.command.${encodeToken(name)}`;
  }

  /** The command that an endpoint with this subject is; null: it is none of ours. */
  commandOf(subject: string): string | null {
    const [prefix, word, name, ...more] = subject.split('.');
    if (prefix !== this.#prefix || word !== 'command' || name === undefined || more.length > 0) return null;
    return COMMAND.test(name) ? name : null;
  }

  once(name: string): string {
    return `${this.#prefix}.once.${encodeToken(name)}`;
  }

  /** `['network', 'libera', 'status']` → `parley.network.libera.status`. */
  verb(words: readonly string[]): string {
    return [this.#prefix, ...words.map(encodeToken)].join('.');
  }

  /** All below a verb. */
  below(words: readonly string[]): string {
    return `${this.verb(words)}.>`;
  }

  /** What a subject has behind the words of a verb; null in place of a token that is none of ours. */
  restOf(words: readonly string[], subject: string): readonly (string | null)[] {
    return subject
      .slice(this.verb(words).length + 1)
      .split('.')
      .map(decodeToken);
  }

  bucket(name: string): string {
    return `${this.head}${name}`;
  }

  /** All streams of this prefix, those of its buckets too; the log, from which the others follow, first. */
  streams(buckets: readonly string[]): readonly string[] {
    return [
      this.roomStream,
      this.deadStream,
      this.auditStream,
      ...buckets.map((name) => `KV_${this.bucket(name)}`),
    ];
  }

  consumer(network: string): string {
    return encodeToken(network);
  }

  /** A name that no network has: an encoded token has two hexadecimal digits behind each `=`. */
  secondOf(consumer: string): string {
    return `${consumer}${SECOND}`;
  }

  isSecond(consumer: string): boolean {
    return consumer.endsWith(SECOND);
  }

  /** Queue group of those who answer the same verb: one of them gets each request. */
  get answerers(): string {
    return this.#prefix;
  }
}

export function pullSubject(stream: string, consumer: string): string {
  return `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
}

/** What the server says of a delivery in its acknowledgement subject. */
export interface AckSubject {
  readonly deliveries: number;
  readonly sequence: number;
  readonly pending: number;
}

/**
 * `$JS.ACK.{stream}.{consumer}.{deliveries}.{stream seq}.{consumer seq}.{time}.{pending}`, or the longer form with
 * domain and account hash after `ACK` and a random token behind (nats-server ADR-15). Null: not a delivery.
 */
export function parseAckSubject(subject: string): AckSubject | null {
  if (!subject.startsWith('$JS.ACK.')) return null;
  const tokens = subject.split('.');
  const first = tokens.length === 9 ? 4 : 6;
  if (tokens.length < first + 5) return null;
  return {
    deliveries: Number(tokens[first]),
    sequence: Number(tokens[first + 1]),
    pending: Number(tokens[first + 4]),
  };
}

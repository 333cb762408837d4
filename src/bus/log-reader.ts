/**
 * Reads one subject of a stream by stream sequence.
 *
 * The server has no "page of this subject before a sequence". Idea: a short-lived consumer that starts at a sequence
 * tells at its creation how many messages of the subject follow (`num_pending`, from the stream's own index), so the
 * start of the last N is found by narrowing in on that number. A wrong guess costs a round trip, never a message:
 * what is handed out is what was read.
 *
 * In a cluster that consumer is on one server, which may go at any moment, and a new one may be given to a server that
 * has just gone. So what is not answered soon is asked again, with another consumer that starts behind what was read.
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  createInbox,
  DeliverPolicy,
  type JetStreamManager,
  JSONCodec,
  type Msg,
  type NatsConnection,
  nanos,
  type Subscription,
} from 'nats';
import { ParleyError } from '../errors.js';
import { patiently } from './patiently.js';
import { parseAckSubject, pullSubject } from './subjects.js';

/** One read asks the server for no more than this at once. */
const CHUNK = 1000;
/** Between two messages of an answer. */
const ANSWER_MS = 1000;
/** Statuses of an answer that has all there is. */
const ENDS: ReadonlySet<number> = new Set([404, 408]);

const codec = JSONCodec();

export interface LogEntry {
  readonly sequence: number;
  readonly message: Msg;
}

export interface ReadOptions {
  /** Only the headers are sent. */
  readonly headersOnly?: boolean;
}

export class LogReader {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #stream: string;

  constructor(nats: NatsConnection, manager: JetStreamManager, stream: string) {
    this.#nats = nats;
    this.#manager = manager;
    this.#stream = stream;
  }

  async bounds(): Promise<{ readonly first: number; readonly last: number }> {
    const { state } = await this.#patiently(() => this.#manager.streams.info(this.#stream));
    return { first: Math.max(1, state.first_seq), last: state.last_seq };
  }

  /** How many messages of the subject are at or behind a sequence. */
  async count(subject: string, from: number): Promise<number> {
    const info = await this.#patiently(() => this.#consumer(subject, startAt(from), {}));
    this.#discard(info);
    return info.num_pending;
  }

  /** The first `limit` messages of the subject at or behind `from` and before `before`. */
  async forward(
    subject: string,
    from: number,
    before: number,
    limit: number,
    options: ReadOptions = {},
  ): Promise<readonly LogEntry[]> {
    const entries = await this.#readAll({ subject, start: startAt(from), limit, before, options });
    return entries.filter((entry) => entry.sequence < before);
  }

  /** The first `limit` messages of the subject that were stored at or after a time of the server's clock. */
  async since(
    subject: string,
    time: Date,
    limit: number,
    options: ReadOptions = {},
  ): Promise<readonly LogEntry[]> {
    const start = { deliver_policy: DeliverPolicy.StartTime, opt_start_time: time.toISOString() };
    return this.#readAll({ subject, start, limit, before: Number.POSITIVE_INFINITY, options });
  }

  /** The last `limit` messages of the subject before a sequence, oldest first. */
  async backward(
    subject: string,
    before: number,
    limit: number,
    options: ReadOptions = {},
  ): Promise<readonly LogEntry[]> {
    const { first, last } = await this.bounds();
    const end = Math.min(before, last + 1);
    if (end <= first || limit <= 0) return [];
    const start = await this.#startOfLast(subject, first, end, limit);
    const entries = await this.forward(subject, start.sequence, end, start.count, options);
    return entries.slice(-limit);
  }

  /**
   * A sequence from which `limit` messages of the subject lie before `end`, and not many more; `first` when there are
   * fewer. Between two known points the next guess is where an even spread would put it, halved when that is no help.
   */
  async #startOfLast(subject: string, first: number, end: number, limit: number): Promise<Point> {
    const behind = await this.count(subject, end);
    const slack = limit * 2 + 50;
    let low: Point = { sequence: first, count: (await this.count(subject, first)) - behind };
    let high: Point = { sequence: end, count: 0 };
    for (let step = 0; high.sequence - low.sequence > 1 && low.count > slack; step += 1) {
      const sequence = step % 3 === 2 ? middle(low.sequence, high.sequence) : guess(low, high, limit);
      const point = { sequence, count: (await this.count(subject, sequence)) - behind };
      if (point.count >= limit) low = point;
      else high = point;
    }
    return low;
  }

  async #readAll(wanted: Wanted): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    await this.#patiently(() => this.#readOn(entries, wanted));
    return entries;
  }

  /** Adds what is missing. */
  async #readOn(entries: LogEntry[], { subject, start, limit, before, options }: Wanted): Promise<void> {
    const known = entries.at(-1);
    const from = known === undefined ? start : startAt(known.sequence + 1);
    const info = await this.#consumer(subject, from, options);
    try {
      let left = Math.min(limit - entries.length, info.num_pending);
      while (left > 0) {
        const length = entries.length;
        await this.#pull(info.name, Math.min(left, CHUNK), entries);
        left -= entries.length - length;
        const last = entries.at(-1);
        if (entries.length === length || last === undefined || last.sequence >= before - 1) break;
      }
    } finally {
      this.#discard(info);
    }
  }

  async #consumer(
    subject: string,
    start: Partial<ConsumerConfig>,
    options: ReadOptions,
  ): Promise<ConsumerInfo> {
    return this.#manager.consumers.add(this.#stream, {
      ack_policy: AckPolicy.None,
      ...start,
      filter_subject: subject,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(30_000),
      ...(options.headersOnly === true ? { headers_only: true } : {}),
    });
  }

  /** Also gone by itself, 30 s later, should this be lost. */
  #discard(info: ConsumerInfo): void {
    this.#manager.consumers.delete(this.#stream, info.name).catch(() => {});
  }

  /** Adds up to `batch` entries. */
  #pull(consumer: string, batch: number, entries: LogEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const full = entries.length + batch;
      const end = (error: Error | null): void => {
        clearTimeout(timer);
        subscription.unsubscribe();
        if (error === null) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => end(unanswered(this.#stream)), ANSWER_MS);
      const inbox = createInbox();
      const subscription: Subscription = this.#nats.subscribe(inbox, {
        callback: (error, message) => {
          if (error !== null) return end(error);
          const ack = parseAckSubject(message.reply ?? '');
          // A status: all that there is has been sent, or the consumer is gone.
          if (ack === null)
            return end(ENDS.has(message.headers?.code ?? 0) ? null : unanswered(this.#stream));
          entries.push({ sequence: ack.sequence, message });
          if (entries.length === full) return end(null);
          timer.refresh();
        },
      });
      const request = { batch, no_wait: true };
      this.#nats.publish(pullSubject(this.#stream, consumer), codec.encode(request), { reply: inbox });
    });
  }

  #patiently<Result>(exchange: () => Promise<Result>): Promise<Result> {
    return patiently(exchange, () => !this.#nats.isClosed());
  }
}

interface Wanted {
  readonly subject: string;
  readonly start: Partial<ConsumerConfig>;
  readonly limit: number;
  /** Not read from this sequence on, give or take a chunk. */
  readonly before: number;
  readonly options: ReadOptions;
}

function startAt(sequence: number): Partial<ConsumerConfig> {
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, sequence) };
}

interface Point {
  readonly sequence: number;
  /** Messages of the subject from here to the end of the search. */
  readonly count: number;
}

function guess(low: Point, high: Point, limit: number): number {
  // Half as many again, so that a slightly uneven spread still gives enough.
  const wanted = limit * 1.5 + 25;
  const share = (wanted - high.count) / (low.count - high.count);
  const sequence = Math.floor(high.sequence - share * (high.sequence - low.sequence));
  return Math.min(high.sequence - 1, Math.max(low.sequence + 1, sequence));
}

function middle(low: number, high: number): number {
  return Math.floor((low + high) / 2);
}

function unanswered(stream: string): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `reading ${stream}: no answer within ${ANSWER_MS} ms`, {
    fix: 'Check the nats-server; then ask again.',
  });
}

/**
 * Events that are accepted and not in the stream yet, on the disk of this machine, in order.
 *
 * Files of events are only written at their end and deleted as a whole once the stream has all of it, so nothing is
 * ever rewritten. A record is readable only after its batch is written (and synced), and a batch that fails is cut off:
 * what `append` resolved for is there after a kill, what it rejected for is not. One process at a time: the caller
 * holds the directory.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, reasonOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { SpoolOptions } from '../types.js';
import { Journal } from './journal.js';
import { type EventRecord, encodeRecord, HEAD_BYTES } from './record.js';
import type { Segment } from './segment.js';
import { Segments } from './segments.js';

export type SpoolItem = Pick<EventRecord, 'time' | 'id' | 'subject' | 'data' | 'maybeStored'>;

/** An event that was read: confirm it once the stream has it. */
export interface SpooledEvent extends EventRecord {
  readonly segment: Segment;
  confirmed: boolean;
  /** When it may first have been sent, ms since 1970; null: never. */
  sentAt: number | null;
}

/** How many confirmations a kill may lose. */
const MARK_EVERY = 256;
/** How many an earlier process may have sent at most without an answer, and without a mark. */
const IN_DOUBT = 2048;
/** Copies from the log come within moments; a network that is slow to take them has said them already. */
const JOURNAL_CALM_MS = 60_000;
/** How long the stream knows an id. */
const STREAM_MEMORY_MS = 120_000;

export class Spool {
  readonly #options: SpoolOptions;
  readonly #log: Logger;
  readonly #journal: Journal;
  readonly #segments: Segments;
  #place = 0;
  /** Read and not known to be in the stream, in order. */
  #open: SpooledEvent[] = [];
  /** Of these, what is to be read once more. */
  #again: SpooledEvent[] = [];
  #unmarked = 0;
  /** What an earlier process left may have been sent up to this place. */
  #inDoubtTo = 0;
  #calm: NodeJS.Timeout | null = null;
  #left: ReadonlySet<string> = new Set();

  private constructor(options: SpoolOptions, journal: Journal, log: Logger) {
    this.#options = options;
    this.#journal = journal;
    this.#segments = new Segments(options, log);
    this.#log = log;
  }

  /** Throws STORE_UNWRITABLE. */
  static async open(options: SpoolOptions, log: Logger): Promise<Spool> {
    try {
      await mkdir(options.path, { recursive: true, mode: 0o700 });
      const spool = new Spool(options, await Journal.open(options.path, log), log);
      await spool.#recover();
      return spool;
    } catch (error) {
      throw new ParleyError('STORE_UNWRITABLE', `cannot use the spool ${options.path}: ${reasonOf(error)}`, {
        fix: 'Give this user the directory, or name another one as "spool.path" in the config.',
        cause: error,
      });
    }
  }

  /** Events that the stream does not have, as far as is known. */
  get events(): number {
    return this.#segments.events;
  }

  get bytes(): number {
    return this.#segments.bytes + this.#journal.bytes;
  }

  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  /** When the oldest of them was accepted, ms since 1970; null without any. */
  get oldest(): number | null {
    if (this.events === 0) return null;
    return this.#open[0]?.time ?? this.#segments.firstTime;
  }

  /** Stretches of its files that could not be read, since the start. */
  get damaged(): number {
    return this.#segments.damaged;
  }

  /** `read` has nothing more. */
  get isRead(): boolean {
    return this.#again.length === 0 && !this.#segments.hasMore;
  }

  /** Networks that have said the event, as far as is known here. */
  saidBy(id: string): readonly string[] {
    return [...this.#journal.said].flatMap(([network, ids]) => (ids.has(id) ? [network] : []));
  }

  /** Ids that a network has said before the log had them; some may be in the log since. */
  saidBefore(network: string): ReadonlySet<string> {
    return this.#journal.said.get(network) ?? new Set();
  }

  /** An earlier process left the event here. */
  leftBefore(id: string): boolean {
    return this.#left.has(id);
  }

  /** The stream is about to have them, and recognises what comes again for as long as that is believed anywhere. */
  forgetBefore(): void {
    setTimeout(() => {
      this.#left = new Set();
    }, STREAM_MEMORY_MS).unref();
  }

  /** How many of the items there is room for. */
  fitting(items: readonly SpoolItem[]): number {
    let free = this.maxBytes - this.bytes;
    const first = items.findIndex((item) => {
      free -= sizeOf(item);
      return free < 0;
    });
    return first < 0 ? items.length : first;
  }

  /** Resolves once all of them survive the end of this process; none of them does when it throws. */
  async append(items: readonly SpoolItem[]): Promise<void> {
    const [first] = items;
    if (first === undefined) return;
    const records = items.map((item, index) =>
      encodeRecord({ ...item, kind: 'event', place: this.#place + index + 1 }),
    );
    await this.#segments.append(Buffer.concat(records), items.length, this.#place + 1, first.time);
    this.#place += items.length;
  }

  /** The next events in order, at most `limit` and not many more bytes than `maxBytes`. One reader at a time. */
  async read(limit: number, maxBytes: number): Promise<readonly SpooledEvent[]> {
    const batch = this.#again.splice(0, limit);
    let bytes = batch.reduce((sum, { data }) => sum + data.length, 0);
    while (batch.length < limit && bytes < maxBytes) {
      const event = await this.#next();
      if (event === null) break;
      this.#open.push(event);
      batch.push(event);
      bytes += event.data.length;
    }
    return batch;
  }

  /** What was read and not confirmed is read again, first. */
  rewind(): void {
    this.#again = this.#open.filter(({ confirmed }) => !confirmed);
  }

  /** The stream has it, or never will. */
  confirm(event: SpooledEvent): void {
    if (event.confirmed) return;
    event.confirmed = true;
    event.segment.open -= 1;
    this.#unmarked += 1;
    let head = 0;
    while (this.#open[head]?.confirmed === true) head += 1;
    if (head > 0) this.#mark(this.#open.splice(0, head));
    if (event.segment.isDone) this.#segments.prune();
  }

  /** The stream never takes it: kept for a person, with the reason, one JSON object a line. */
  async setAside({ id, time, subject, data }: SpooledEvent, reason: string): Promise<void> {
    const accepted = new Date(time).toISOString();
    const line = JSON.stringify({ id, accepted, subject, reason, event: Buffer.from(data).toString() });
    await appendFile(join(this.#options.path, 'refused.jsonl'), `${line}\n`, { mode: 0o600 });
  }

  /** A network has said an event of the spool: should this process be killed, it is not said again. */
  noteSaid(network: string, id: string): void {
    this.#journal.note({ kind: 'said', network, id });
    if (this.events === 0) this.#forgetLater();
  }

  async close(): Promise<void> {
    if (this.#calm !== null) clearTimeout(this.#calm);
    await this.#segments.close();
    await this.#journal.close();
  }

  async #recover(): Promise<void> {
    const { done } = this.#journal;
    const { last, ids } = await this.#segments.recover(done);
    this.#place = Math.max(done, last);
    this.#left = ids;
    this.#inDoubtTo = done + IN_DOUBT;
    if (this.events === 0) this.#forgetLater();
    else this.#log.warn('the spool holds events of an earlier run', { events: this.events });
  }

  async #next(): Promise<SpooledEvent | null> {
    const found = await this.#segments.next();
    if (found === null) return null;
    const { record, segment } = found;
    const wasSent = record.maybeStored || record.place <= this.#inDoubtTo;
    return { ...record, segment, confirmed: false, sentAt: wasSent ? record.time : null };
  }

  #mark(confirmed: readonly SpooledEvent[]): void {
    const last = confirmed.at(-1);
    if (last === undefined || (this.#unmarked < MARK_EVERY && this.events > 0)) return;
    this.#unmarked = 0;
    this.#journal.note({ kind: 'done', place: last.place });
    if (this.events === 0) this.#forgetLater();
  }

  #forgetLater(): void {
    if (this.#calm !== null) clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = null;
      if (this.events === 0) this.#journal.clear();
    }, JOURNAL_CALM_MS).unref();
  }
}

/** Bytes that it takes on the disk. */
export function sizeOf({ id, subject, data }: SpoolItem): number {
  // Ids and subjects are ASCII.
  return HEAD_BYTES + 4 + id.length + subject.length + data.length;
}

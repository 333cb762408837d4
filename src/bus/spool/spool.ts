/**
 * Events that are accepted and not in the stream yet, on the disk of this machine, in order.
 *
 * Files of events are only written at their end and deleted as a whole once the stream has all of it, so nothing is
 * ever rewritten. A record is readable only after its batch is written (and synced), and a batch that fails is cut off:
 * what `append` resolved for is there after a kill, what it rejected for is not. One process at a time: the caller
 * holds the directory.
 */
import { appendFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, reasonOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { SpoolOptions } from '../types.js';
import { Journal } from './journal.js';
import { type EventRecord, encodeRecord, HEAD_BYTES } from './record.js';
import { type Damage, Segment } from './segment.js';

export type SpoolItem = Pick<EventRecord, 'time' | 'id' | 'subject' | 'data' | 'maybeStored'>;

/** An event that was read: confirm it once the stream has it. */
export interface SpooledEvent extends EventRecord {
  readonly segment: Segment;
  confirmed: boolean;
}

/** A file is read into memory as a whole, and frees its room as a whole. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** How many may be sent once more after a kill. */
const MARK_EVERY = 256;
/** Copies from the log come within moments; a network that is slow to take them has said them already. */
const JOURNAL_CALM_MS = 60_000;

export class Spool {
  readonly #options: SpoolOptions;
  readonly #log: Logger;
  readonly #journal: Journal;
  #segments: Segment[] = [];
  #tail: Segment | null = null;
  #appending = false;
  #place = 0;
  /** Read and not known to be in the stream, in order. */
  #open: SpooledEvent[] = [];
  /** Of these, what is to be read once more. */
  #again: SpooledEvent[] = [];
  #unmarked = 0;
  #damaged = 0;
  #removing = new Set<Promise<void>>();
  #calm: NodeJS.Timeout | null = null;

  private constructor(options: SpoolOptions, journal: Journal, log: Logger) {
    this.#options = options;
    this.#journal = journal;
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
    return this.#segments.reduce((sum, { unread, open: read }) => sum + unread + read, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { length }) => sum + length, this.#journal.bytes);
  }

  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  /** When the oldest of them was accepted, ms since 1970; null without any. */
  get oldest(): number | null {
    if (this.events === 0) return null;
    return this.#open[0]?.time ?? this.#segments.find(({ isDone }) => !isDone)?.firstTime ?? null;
  }

  /** Stretches of its files that could not be read, since the start. */
  get damaged(): number {
    return this.#damaged;
  }

  /** `read` has nothing more. */
  get isRead(): boolean {
    return this.#again.length === 0 && !this.#segments.some(({ hasMore }) => hasMore);
  }

  /** Ids that a network had said when an earlier process ended; some may be in the log since. */
  saidBefore(network: string): ReadonlySet<string> {
    return this.#journal.said.get(network) ?? new Set();
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
    this.#appending = true;
    try {
      const segment = await this.#writable();
      const records = items.map((item, index) =>
        encodeRecord({ ...item, kind: 'event', place: this.#place + index + 1 }),
      );
      await segment.append(Buffer.concat(records), items.length, first.time, this.#options.sync);
      this.#place += items.length;
    } finally {
      this.#appending = false;
    }
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
    if (event.segment.isDone) this.#prune();
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
    this.#prune();
    await Promise.all(this.#removing);
    await this.#journal.close();
    for (const segment of this.#segments) await segment.close();
    this.#segments = [];
  }

  async #recover(): Promise<void> {
    const names = (await readdir(this.#options.path)).filter((name) => Segment.isName(name)).sort();
    this.#place = this.#journal.done;
    for (const name of names) {
      const segment = await Segment.existing(this.#options.path, name);
      const { lastPlace, damages } = await segment.recover(this.#journal.done);
      for (const damage of damages) this.#report(damage);
      this.#place = Math.max(this.#place, lastPlace);
      this.#segments.push(segment);
    }
    this.#prune();
    if (this.events === 0) this.#forgetLater();
    else this.#log.warn('the spool holds events of an earlier run', { events: this.events });
  }

  async #next(): Promise<SpooledEvent | null> {
    for (const segment of [...this.#segments]) {
      const record = await segment.next((damage) => this.#report(damage));
      if (record !== null) return { ...record, segment, confirmed: false };
    }
    this.#prune();
    return null;
  }

  async #writable(): Promise<Segment> {
    const limit = Math.min(SEGMENT_BYTES, Math.ceil(this.maxBytes / 4));
    if (this.#tail !== null && this.#tail.length < limit) return this.#tail;
    this.#tail = null;
    const segment = await Segment.create(this.#options.path, this.#place + 1);
    if (this.#options.sync) await syncDirectory(this.#options.path);
    this.#tail = segment;
    this.#segments.push(segment);
    return segment;
  }

  #mark(confirmed: readonly SpooledEvent[]): void {
    const last = confirmed.at(-1);
    if (last === undefined || (this.#unmarked < MARK_EVERY && this.events > 0)) return;
    this.#unmarked = 0;
    this.#journal.note({ kind: 'done', place: last.place });
    if (this.events === 0) this.#forgetLater();
  }

  #prune(): void {
    for (const segment of this.#segments.filter(({ isDone }) => isDone)) {
      if (segment === this.#tail) {
        if (this.#appending) continue;
        this.#tail = null;
      }
      this.#segments = this.#segments.filter((other) => other !== segment);
      const removing = segment
        .remove()
        .catch((error: unknown) => {
          this.#log.warn('cannot remove a file of the spool', {
            file: segment.path,
            reason: reasonOf(error),
          });
        })
        .finally(() => this.#removing.delete(removing));
      this.#removing.add(removing);
    }
  }

  #forgetLater(): void {
    if (this.#calm !== null) clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = null;
      if (this.events === 0) this.#journal.clear();
    }, JOURNAL_CALM_MS).unref();
  }

  #report({ file, offset, bytes }: Damage): void {
    this.#damaged += 1;
    this.#log.error('a file of the spool is damaged; what is whole in it is kept', { file, offset, bytes });
  }
}

/** Bytes that it takes on the disk. */
export function sizeOf({ id, subject, data }: SpoolItem): number {
  // Ids and subjects are ASCII.
  return HEAD_BYTES + 4 + id.length + subject.length + data.length;
}

/** Or a new file's name may be gone after a power failure, with all that is in it. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EventRecord, scanRecord } from './record.js';

const ENDING = '.events';
const PLACE_DIGITS = 16;

/** A stretch of a file that holds no whole record. */
export interface Damage {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface Recovered {
  readonly lastPlace: number;
  readonly damages: readonly Damage[];
  /** Of the events that are still to be stored. */
  readonly ids: readonly string[];
}

/** One file of events: written at its end, read from its start, deleted as a whole. */
export class Segment {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Bytes that are whole and, where wanted, on the disk. */
  #length = 0;
  #readTo = 0;
  #chunk: { readonly base: number; readonly bytes: Buffer } | null = null;
  /** Events that nobody has read yet, and events that were read and are not confirmed. */
  unread = 0;
  open = 0;
  /** When its first event was accepted that is still to be confirmed, ms since 1970. */
  firstTime = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Named after the place of its first event, so that the order of the names is the order of the events. */
  static async create(directory: string, place: number): Promise<Segment> {
    const path = join(directory, `${String(place).padStart(PLACE_DIGITS, '0')}${ENDING}`);
    return new Segment(path, await open(path, 'wx+', 0o600));
  }

  static async existing(directory: string, name: string): Promise<Segment> {
    const path = join(directory, name);
    return new Segment(path, await open(path, 'r+'));
  }

  static isName(name: string): boolean {
    return name.endsWith(ENDING);
  }

  get length(): number {
    return this.#length;
  }

  get name(): string {
    return basename(this.path);
  }

  /** Nothing in it is of use any more. */
  get isDone(): boolean {
    return this.unread === 0 && this.open === 0;
  }

  get hasMore(): boolean {
    return this.#readTo < this.#length;
  }

  /** All or nothing. Throws what the file system says. */
  async append(bytes: Buffer, events: number, time: number, sync: boolean): Promise<void> {
    try {
      await writeAll(this.#handle, bytes, this.#length);
      if (sync) await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.#length).catch(() => {});
      throw error;
    }
    if (this.isDone) this.firstTime = time;
    this.#length += bytes.length;
    this.unread += events;
  }

  /**
   * Counts what an earlier process left. Events up to `done` are in the stream. What is behind the last whole record is
   * half a record, and cut off.
   */
  async recover(done: number): Promise<Recovered> {
    const bytes = await readAll(this.#handle, 0, (await this.#handle.stat()).size);
    const damages: Damage[] = [];
    const ids: string[] = [];
    let lastPlace = 0;
    let offset = 0;
    for (let scanned = scanRecord(bytes, 0); scanned.kind !== 'end'; scanned = scanRecord(bytes, offset)) {
      if (scanned.kind === 'damaged') damages.push(this.#damage(offset, scanned.next));
      else if (scanned.record.kind === 'event') {
        const { place, time, id } = scanned.record;
        lastPlace = Math.max(lastPlace, place);
        if (place <= done) this.#readTo = scanned.next;
        else if (this.unread === 0) this.firstTime = time;
        if (place > done) this.unread += 1;
        if (place > done) ids.push(id);
      }
      offset = scanned.next;
    }
    if (offset < bytes.length) {
      damages.push(this.#damage(offset, bytes.length));
      await this.#handle.truncate(offset);
    }
    this.#length = offset;
    return { lastPlace, damages, ids };
  }

  /** The next event, or null when all are read. `damaged` hears of what had to be passed over. */
  async next(damaged: (damage: Damage) => void): Promise<EventRecord | null> {
    while (this.hasMore) {
      const { base, bytes } = await this.#loaded();
      const scanned = scanRecord(bytes, this.#readTo - base);
      const start = this.#readTo;
      this.#readTo = scanned.kind === 'end' ? base + bytes.length : base + scanned.next;
      if (scanned.kind === 'record' && scanned.record.kind === 'event') {
        this.unread -= 1;
        this.open += 1;
        return scanned.record;
      }
      if (scanned.kind !== 'record') damaged(this.#damage(start, this.#readTo));
    }
    this.#chunk = null;
    // What was counted when it was written and cannot be read any more.
    this.unread = 0;
    return null;
  }

  async close(): Promise<void> {
    this.#chunk = null;
    await this.#handle.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }

  /** From the place of reading to the end: files are small enough (see spool.ts). */
  async #loaded(): Promise<{ readonly base: number; readonly bytes: Buffer }> {
    const chunk = this.#chunk;
    if (chunk !== null && this.#readTo < chunk.base + chunk.bytes.length) return chunk;
    const base = this.#readTo;
    const loaded = { base, bytes: await readAll(this.#handle, base, this.#length) };
    this.#chunk = loaded;
    return loaded;
  }

  #damage(from: number, to: number): Damage {
    return { file: this.path, offset: from, bytes: to - from };
  }
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** A file that is shorter than it was gives what it has, and zeros behind, which are no record. */
async function readAll(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await handle.read(bytes, got, bytes.length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes;
}

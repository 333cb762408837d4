/**
 * What happened to the events of the spool: which network has said which, and how many the stream has. Written behind,
 * without a sync: what is missing after a kill is a line said twice, or an event sent twice that the stream recognises.
 * It outlives the events, as a network's copy comes from the log only after the stream has the event.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import { type DoneRecord, encodeRecord, type SaidRecord, type SpoolRecord, scanRecord } from './record.js';
import { writeAll } from './segment.js';

export class Journal {
  readonly #path: string;
  readonly #log: Logger;
  #handle: FileHandle | null = null;
  #length = 0;
  #waiting: Buffer[] = [];
  #writing: Promise<void> | null = null;
  #failing = false;
  /** All that is in the file is to be cut off. */
  #outdated = false;
  /** Ids of events that a network has said: noted now, or by an earlier process. */
  readonly said = new Map<string, Set<string>>();
  #done = 0;

  private constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  static async open(directory: string, log: Logger): Promise<Journal> {
    const journal = new Journal(join(directory, 'journal'), log);
    await journal.#read();
    return journal;
  }

  /** Events up to this place are in the stream. */
  get done(): number {
    return this.#done;
  }

  get bytes(): number {
    return this.#length;
  }

  note(record: SaidRecord | DoneRecord): void {
    this.#learn(record);
    this.#waiting.push(encodeRecord(record));
    this.#start();
  }

  /** What was noted so far is of no use any more. */
  clear(): void {
    this.said.clear();
    this.#waiting = [];
    this.#outdated = this.#length > 0;
    this.#start();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = null;
  }

  async #read(): Promise<void> {
    const bytes = await readFile(this.#path).catch(() => null);
    if (bytes === null) return;
    let offset = 0;
    for (let scanned = scanRecord(bytes, 0); scanned.kind !== 'end'; scanned = scanRecord(bytes, offset)) {
      if (scanned.kind === 'record') this.#learn(scanned.record);
      offset = scanned.next;
    }
    // Half a record at the end is written over.
    this.#length = offset;
  }

  #learn(record: SpoolRecord): void {
    if (record.kind === 'done') this.#done = Math.max(this.#done, record.place);
    if (record.kind !== 'said') return;
    const ids = this.said.get(record.network) ?? new Set();
    this.said.set(record.network, ids.add(record.id));
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** What comes while it writes goes with the next write. */
  async #write(): Promise<void> {
    await null;
    while (this.#waiting.length > 0 || this.#outdated) {
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      try {
        this.#handle ??= await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
        if (this.#outdated) await this.#handle.truncate(0);
        if (this.#outdated) this.#length = 0;
        this.#outdated = false;
        await writeAll(this.#handle, bytes, this.#length);
        this.#length += bytes.length;
        this.#failing = false;
      } catch (error) {
        // A full disk: what it would have said costs a double line after a crash, and is not worth more memory.
        if (!this.#failing)
          this.#log.warn('cannot write the journal of the spool', { reason: reasonOf(error) });
        this.#failing = true;
        this.#outdated = false;
      }
    }
  }
}

import { open, readdir } from 'node:fs/promises';
import { reasonOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { SpoolOptions } from '../types.js';
import type { EventRecord } from './record.js';
import { type Damage, Segment } from './segment.js';

/** A file is read into memory as a whole, and frees its room as a whole. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** The files of events of one spool, oldest first: the last one grows, and each goes once nothing in it is of use. */
export class Segments {
  readonly #options: SpoolOptions;
  readonly #log: Logger;
  #all: Segment[] = [];
  #tail: Segment | null = null;
  #appending = false;
  #damaged = 0;
  readonly #removing = new Set<Promise<void>>();

  constructor(options: SpoolOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Events that are not confirmed. */
  get events(): number {
    return this.#all.reduce((sum, { unread, open: read }) => sum + unread + read, 0);
  }

  get bytes(): number {
    return this.#all.reduce((sum, { length }) => sum + length, 0);
  }

  get hasMore(): boolean {
    return this.#all.some(({ hasMore }) => hasMore);
  }

  /** When the oldest event of the oldest file was accepted, ms since 1970. */
  get firstTime(): number | null {
    return this.#all.find(({ isDone }) => !isDone)?.firstTime ?? null;
  }

  /** Stretches that could not be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Finds what an earlier process left behind `done`: the last place in use, or 0, and the ids of the events. */
  async recover(done: number): Promise<{ readonly last: number; readonly ids: ReadonlySet<string> }> {
    const names = (await readdir(this.#options.path)).filter((name) => Segment.isName(name)).sort();
    const left = new Set<string>();
    let last = 0;
    for (const name of names) {
      const segment = await Segment.existing(this.#options.path, name);
      const { lastPlace, damages, ids } = await segment.recover(done);
      for (const id of ids) left.add(id);
      for (const damage of damages) this.#report(damage);
      last = Math.max(last, lastPlace);
      this.#all.push(segment);
    }
    this.prune();
    return { last, ids: left };
  }

  /** All or nothing. `place`: of the first of them. */
  async append(bytes: Buffer, events: number, place: number, time: number): Promise<void> {
    this.#appending = true;
    try {
      const segment = await this.#writable(place);
      await segment.append(bytes, events, time, this.#options.sync);
    } finally {
      this.#appending = false;
    }
  }

  async next(): Promise<{ readonly record: EventRecord; readonly segment: Segment } | null> {
    for (const segment of [...this.#all]) {
      const record = await segment.next((damage) => this.#report(damage));
      if (record !== null) return { record, segment };
    }
    this.prune();
    return null;
  }

  /** Removes the files that nothing of use is in. */
  prune(): void {
    for (const segment of this.#all.filter(({ isDone }) => isDone)) {
      if (segment === this.#tail && this.#appending) continue;
      if (segment === this.#tail) this.#tail = null;
      this.#all = this.#all.filter((other) => other !== segment);
      const removing = this.#remove(segment).finally(() => this.#removing.delete(removing));
      this.#removing.add(removing);
    }
  }

  async close(): Promise<void> {
    this.prune();
    await Promise.all(this.#removing);
    for (const segment of this.#all) await segment.close();
    this.#all = [];
  }

  async #writable(place: number): Promise<Segment> {
    const limit = Math.min(SEGMENT_BYTES, Math.ceil(this.#options.maxBytes / 4));
    if (this.#tail !== null && this.#tail.length < limit) return this.#tail;
    // One that failed with its first event has the same name.
    await Promise.all(this.#removing);
    const segment = await Segment.create(this.#options.path, place);
    this.#tail = segment;
    this.#all.push(segment);
    if (this.#options.sync) await syncDirectory(this.#options.path);
    return segment;
  }

  async #remove(segment: Segment): Promise<void> {
    try {
      await segment.remove();
    } catch (error) {
      const { path: file } = segment;
      this.#log.warn('cannot remove a file of the spool', { file, reason: reasonOf(error) });
    }
  }

  #report({ file, offset, bytes }: Damage): void {
    this.#damaged += 1;
    this.#log.error('a file of the spool is damaged; what is whole in it is kept', { file, offset, bytes });
  }
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

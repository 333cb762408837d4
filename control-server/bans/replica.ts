/** The bucket BANS and what this gateway knows of it: every gateway watches, each change is in force at once. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket, Bus, Subscription } from '../../src/bus/index.js';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import type { BanTable } from './ban-table.js';
import { type Entry, effectKey, parseEntry } from './stored.js';
import type { Ban, Effect } from './types.js';

const RETRY_MS = 1_000;

export interface ReplicaOptions {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly table: BanTable;
  /** Called after each change of the table. */
  readonly onChange: () => void;
  readonly log: Logger;
}

export class Replica {
  readonly #options: ReplicaOptions;
  readonly #stopping = new AbortController();
  readonly #opening: Promise<void>;
  #bucket: Bucket<Entry> | null = null;
  #watch: Subscription | null = null;
  readonly #tried: Promise<void>;
  #settleTried: () => void = () => {};

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#tried = new Promise((resolve) => {
      this.#settleTried = resolve;
    });
    this.#opening = this.#keepOpening();
  }

  /** Resolves once every ban is known, or the backbone has been found away: then they come when it is back. */
  get tried(): Promise<void> {
    return this.#tried;
  }

  /** Resolves once the backbone has it; it is in force here by then. Throws BACKBONE_UNAVAILABLE. */
  async putBan(ban: Ban): Promise<void> {
    await (await this.#opened()).put(ban.id, { ban });
    this.#options.table.set(ban);
    this.#options.onChange();
  }

  /** As `putBan`. */
  async putEffect(effect: Effect): Promise<void> {
    await (await this.#opened()).put(effectKey(effect), { effect });
    this.#options.table.setEffect(effect);
  }

  /** Forgets a ban and what became of it. */
  async delete(id: string): Promise<void> {
    const bucket = await this.#opened();
    for (const effect of this.#options.table.effectsOf(id)) await bucket.delete(effectKey(effect));
    await bucket.delete(id);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#opening;
    await this.#watch?.stop();
  }

  async #opened(): Promise<Bucket<Entry>> {
    this.#bucket ??= await this.#options.bus.bucket<Entry>('BANS');
    return this.#bucket;
  }

  /** A gateway may start while the backbone is away. */
  async #keepOpening(): Promise<void> {
    const { signal } = this.#stopping;
    for (let told = false; !signal.aborted; ) {
      try {
        this.#watch = await (await this.#opened()).watch((key, value) => this.#heard(key, value));
        break;
      } catch (error) {
        if (!told) this.#options.log.warn('bans are not known yet', { reason: reasonOf(error) });
        told = true;
        this.#settleTried();
        await pause(RETRY_MS, undefined, { ref: false, signal }).catch(() => {});
      }
    }
    this.#settleTried();
  }

  #heard(key: string, value: Entry | null): void {
    if (value === null) this.#forget(key);
    else if (!this.#take(key, parseEntry(value))) {
      this.#options.log.warn('a ban is kept in a form that this version does not know', { key });
    }
    this.#options.onChange();
  }

  #take(key: string, entry: Entry | null): boolean {
    const { table } = this.#options;
    if (entry === null) return false;
    if ('ban' in entry) {
      if (entry.ban.id === key) table.set(entry.ban);
      return entry.ban.id === key;
    }
    if (effectKey(entry.effect) === key) table.setEffect(entry.effect);
    return effectKey(entry.effect) === key;
  }

  #forget(key: string): void {
    if (key.includes(' ')) this.#options.table.deleteEffect(key);
    else this.#options.table.delete(key);
  }
}

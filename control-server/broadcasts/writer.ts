/**
 * Writes changed keys behind, the last value of each, one round after the other; a round that failed is done again until
 * the backbone is back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket } from '../../src/bus/index.js';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';

const RETRY_MS = 1_000;
/** What nobody waits for is written no more often. */
const LAZY_MS = 1_000;

export class Writer {
  readonly #read: (key: string) => unknown;
  readonly #log: Logger;
  readonly #dirty = new Set<string>();
  readonly #ending = new AbortController();
  #bucket: Bucket<unknown> | null = null;
  #writing: Promise<void> | null = null;
  #soon: NodeJS.Timeout | null = null;

  constructor(read: (key: string) => unknown, log: Logger) {
    this.#read = read;
    this.#log = log;
  }

  /** Until then changes are only remembered. */
  open(bucket: Bucket<unknown>): void {
    this.#bucket = bucket;
    if (this.#dirty.size > 0) this.#start();
  }

  changed(key: string, urgent: boolean): void {
    this.#dirty.add(key);
    if (urgent) this.#start();
    else this.#startSoon();
  }

  /** One last attempt for what is not written yet. */
  async stop(): Promise<void> {
    this.#ending.abort();
    if (this.#soon !== null) clearTimeout(this.#soon);
    await this.#writing;
    if (this.#dirty.size > 0) await this.#round();
  }

  #startSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      this.#start();
    }, LAZY_MS).unref();
  }

  #start(): void {
    if (this.#bucket === null || this.#writing !== null) return;
    this.#writing = this.#rounds().finally(() => {
      this.#writing = null;
      // Changed while the last round was being confirmed.
      if (this.#dirty.size > 0 && !this.#ending.signal.aborted) this.#start();
    });
  }

  async #rounds(): Promise<void> {
    const { signal } = this.#ending;
    while (this.#dirty.size > 0) {
      if (await this.#round()) continue;
      if (signal.aborted) return;
      await pause(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** False: not all is written. */
  async #round(): Promise<boolean> {
    if (this.#bucket === null) return false;
    const keys = [...this.#dirty];
    this.#dirty.clear();
    try {
      await this.#bucket.putAll(new Map(keys.map((key) => [key, this.#read(key)])));
      return true;
    } catch (error) {
      for (const key of keys) this.#dirty.add(key);
      this.#log.debug('not written yet', { keys: keys.length, reason: reasonOf(error) });
      return false;
    }
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import type { KV, KvEntry, QueuedIterator } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Subscription } from './types.js';

const RETRY_MS = 500;

/**
 * Hears of every present entry of a bucket, then of each change. nats.js notices only after 10–15 s that the server
 * has forgotten its watcher, so after a reconnect the watch begins anew and leaves out what it has told already.
 */
export class BucketWatch implements Subscription {
  readonly closed: Promise<void>;
  readonly #kv: KV;
  readonly #log: Logger;
  readonly #tell: (entry: KvEntry) => void;
  /** Revision last told, by key. */
  readonly #told = new Map<string, number>();
  #changes: QueuedIterator<KvEntry> | null = null;
  #stopped = false;
  #reopening = false;
  /** A watch of the present connection is still to come. */
  #wanted = false;
  #settle: () => void = () => {};

  constructor(kv: KV, log: Logger, tell: (entry: KvEntry) => void) {
    this.#kv = kv;
    this.#log = log;
    this.#tell = tell;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async open(): Promise<void> {
    let present: () => void = () => {};
    const heard = new Promise<void>((resolve) => {
      // nats.js may say so while entries still wait in its queue; that is emptied before the next turn of the loop.
      present = () => setImmediate(resolve);
    });
    const changes = await this.#kv.watch({ initializedFn: () => present() });
    if (this.#stopped) return changes.stop();
    this.#changes?.stop();
    this.#changes = changes;
    const ended = this.#listen(changes);
    await Promise.race([heard, ended]);
  }

  /**
   * One attempt at a time: a backbone that hangs lets us connect again and again, and attempts that each retried
   * would become more and more. What an attempt under way waits for is gone with the old connection.
   */
  reopen(): void {
    this.#wanted = true;
    if (this.#reopening) this.#changes?.stop();
    else void this.#keepOpening();
  }

  async #keepOpening(): Promise<void> {
    this.#reopening = true;
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false;
      try {
        await this.open();
      } catch (error) {
        this.#wanted = true;
        this.#log.warn('cannot watch', { reason: reasonOf(error), retryMs: RETRY_MS });
        await pause(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#reopening = false;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#changes?.stop();
    this.#settle();
    return Promise.resolve();
  }

  async #listen(changes: QueuedIterator<KvEntry>): Promise<void> {
    try {
      for await (const entry of changes) this.#heard(entry);
    } catch (error) {
      if (changes !== this.#changes) return;
      this.#log.warn('a watch ended', { reason: reasonOf(error) });
      this.reopen();
    }
  }

  #heard(entry: KvEntry): void {
    if (this.#stopped || entry.revision <= (this.#told.get(entry.key) ?? 0)) return;
    this.#told.set(entry.key, entry.revision);
    this.#tell(entry);
  }
}

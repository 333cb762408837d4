/**
 * Since when accounts are known here: when each was first heard.
 *
 * Problem: "accounts older than a week" wants the age of an account, and IRC has no standard way to tell it (what NickServ
 * answers is each services' own text). Idea: the age that can be vouched for is how long the account has been seen here, so
 * the first time is kept on the backbone, a key for each verified account. Why it is safe: an account is never taken for older than
 * it is. What it cannot do: know somebody who has never spoken, or was here before the record began; so until the record is
 * itself as old as is asked for, nobody's age is known.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '../../src/bus/index.js';
import { timeOfDay } from '../../src/clock.js';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import type { Author } from '../../src/message/index.js';
import { FollowedBucket } from '../../src/replica/index.js';

export interface KnownOptions {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly log: Logger;
  /** ms since 1970. */
  readonly now?: () => number;
}

/** No author id: those have a colon. */
const BEGAN = 'began';
/** About 30 MB; more is no community but somebody who makes accounts. */
const MOST = 200_000;
const MOST_WAITING = 10_000;
const AGAIN_MS = 5_000;
/** For what a stop still writes. */
const LAST_MS = 2_000;

export class Known {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #bucket: FollowedBucket;
  readonly #since = new Map<string, number>();
  /** Heard, and not on the backbone yet. */
  readonly #waiting = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #stopped = false;
  #isFull = false;

  constructor({ bus, log, now = timeOfDay }: KnownOptions) {
    this.#log = log;
    this.#now = now;
    this.#bucket = new FollowedBucket({
      bus,
      name: 'KNOWN',
      heard: (key, value) => this.#told(key, value),
      log,
    });
  }

  /** Resolves once all is known that the backbone has, or it was found away: then the rest follows. Never rejects. */
  async open(): Promise<void> {
    if (await this.#bucket.tryOpen()) this.#begin();
    else void this.#bucket.open().then(() => this.#begin());
  }

  /** Somebody said something. */
  heard({ id, verified, bot }: Author): void {
    if (!verified || bot === true || this.#since.has(id) || this.#waiting.has(id)) return;
    if (this.#since.size >= MOST) {
      if (!this.#isFull) this.#log.warn('no more accounts are noted', { accounts: MOST });
      this.#isFull = true;
      return;
    }
    if (this.#waiting.size < MOST_WAITING) this.#waiting.set(id, this.#now());
    this.#write();
  }

  /** ms since 1970; null: not known, which is also so while the backbone has not told yet. */
  sinceOf(author: string): number | null {
    if (!this.#bucket.isOpen) return null;
    return this.#since.get(author) ?? this.#waiting.get(author) ?? null;
  }

  /** The record itself is younger than that: nobody's age is known. */
  isYoungerThan(ageMs: number): boolean {
    const began = this.#since.get(BEGAN);
    return began === undefined || this.#now() - began < ageMs;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.race([this.#writing, pause(LAST_MS, undefined, { ref: false })]);
    await this.#bucket.stop();
  }

  #begin(): void {
    if (this.#stopped) return;
    if (!this.#since.has(BEGAN)) this.#waiting.set(BEGAN, this.#now());
    this.#write();
  }

  /** Two gateways that wrote at once: the earlier one holds. */
  #told(key: string, value: unknown): void {
    const since = Date.parse(String((value as { readonly since?: unknown } | null)?.since));
    if (value === null) this.#since.delete(key);
    if (Number.isNaN(since)) return;
    this.#waiting.delete(key);
    this.#since.set(key, Math.min(since, this.#since.get(key) ?? since));
  }

  /** One after the other, and not before it is known what the backbone has: an earlier time must not be written over. */
  #write(): void {
    if (this.#writing !== null || this.#stopped || !this.#bucket.isOpen) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    try {
      for (const [author, ms] of this.#waiting) {
        await this.#bucket.put(author, { since: new Date(ms).toISOString() });
        this.#since.set(author, Math.min(ms, this.#since.get(author) ?? ms));
        this.#waiting.delete(author);
      }
    } catch (error) {
      this.#log.debug('accounts are not noted yet', { reason: reasonOf(error) });
      if (!this.#stopped) this.#timer = setTimeout(() => this.#write(), AGAIN_MS).unref();
    }
  }
}

/**
 * A bucket that is written behind: the caller never waits, what it put is found again at once.
 *
 * Problem: every line of a network that has message ids makes several entries, thousands a second in a burst, and none
 * of them may slow the line itself. Idea: `put` only keeps the entry; a batch leaves a moment later, in one write,
 * with one answer (`Bucket.putAll`). The newest entries stay in memory in front of the bucket.
 * Safe because an entry is in memory until the bucket has confirmed it, and putting it twice changes nothing.
 * What it cannot do: a crash loses the entries of the last moment, and another process does not see them before; while
 * the backbone is away no more than `MAX_PENDING` wait, the oldest are given up first, and counted.
 */
import type { Bucket } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';

const WRITE_AFTER_MS = 50;
const RETRY_AFTER_MS = 1_000;
const BATCH = 512;
const MAX_PENDING = 65_536;
/** Of each of two generations: the older one goes as a whole, which costs nothing for each entry. */
const REMEMBERED = 4_096;
/** How long a question to the bucket may hold up the one who asks. */
const FIND_MS = 1_000;

export class WriteBehind<Value> {
  readonly #open: () => Promise<Bucket<Value>>;
  readonly #log: Logger;
  #newer = new Map<string, Value>();
  #older = new Map<string, Value>();
  #pending = new Map<string, Value>();
  #writing = new Map<string, Value>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;
  #lost = 0;
  #isAway = false;
  #stopped = false;

  constructor(open: () => Promise<Bucket<Value>>, log: Logger) {
    this.#open = open;
    this.#log = log;
  }

  /** Entries that were given up because the backbone was away for too long. */
  get lost(): number {
    return this.#lost;
  }

  put(key: string, value: Value): void {
    this.#remember(key, value);
    this.#pending.set(key, value);
    if (this.#pending.size > MAX_PENDING) this.#giveUpOldest();
    this.#schedule(WRITE_AFTER_MS);
  }

  /** What is known without asking the bucket. */
  peek(key: string): Value | undefined {
    return this.#newer.get(key) ?? this.#older.get(key) ?? this.#pending.get(key) ?? this.#writing.get(key);
  }

  /** Null: not there, or the bucket did not answer within a second. Never rejects. */
  async find(key: string): Promise<Value | null> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), FIND_MS);
    });
    const found = await Promise.race([this.#ask(key), late]);
    clearTimeout(timer);
    if (found !== null) this.#remember(key, found);
    return found;
  }

  /** Writes what is pending, for at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#flush(), late]);
    clearTimeout(timer);
    const left = this.#pending.size + this.#writing.size;
    if (left > 0) this.#log.warn('message ids were not written', { entries: left });
  }

  async #ask(key: string): Promise<Value | null> {
    try {
      return await (await this.#open()).get(key);
    } catch (error) {
      this.#log[this.#isAway ? 'debug' : 'warn']('message ids cannot be asked for', {
        reason: reasonOf(error),
      });
      return null;
    }
  }

  #remember(key: string, value: Value): void {
    this.#newer.set(key, value);
    if (this.#newer.size < REMEMBERED) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  #giveUpOldest(): void {
    const oldest = this.#pending.keys().next();
    if (oldest.done !== true) this.#pending.delete(oldest.value);
    if (this.#lost % 10_000 === 0) this.#log.warn('message ids are given up: the backbone is away too long');
    this.#lost += 1;
  }

  #schedule(afterMs: number): void {
    if (this.#timer !== null || this.#flushing !== null || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, afterMs);
    this.#timer.unref();
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().then((done) => {
      this.#flushing = null;
      if (this.#pending.size > 0) this.#schedule(done ? WRITE_AFTER_MS : RETRY_AFTER_MS);
    });
    return this.#flushing;
  }

  /** False when the bucket did not take a batch, which then is pending again. */
  async #writeAll(): Promise<boolean> {
    while (this.#pending.size > 0) {
      this.#takeBatch();
      try {
        await (await this.#open()).putAll(this.#writing);
        this.#isAway = false;
      } catch (error) {
        // Tried again every second, and said once.
        this.#log[this.#isAway ? 'debug' : 'warn']('message ids wait for the backbone', {
          reason: reasonOf(error),
        });
        this.#isAway = true;
        this.#pending = new Map([...this.#writing, ...this.#pending]);
        return false;
      } finally {
        this.#writing = new Map();
      }
    }
    return true;
  }

  #takeBatch(): void {
    if (this.#pending.size <= BATCH) {
      this.#writing = this.#pending;
      this.#pending = new Map();
      return;
    }
    this.#writing = new Map();
    for (const [key, value] of this.#pending) {
      if (this.#writing.size >= BATCH) break;
      this.#writing.set(key, value);
      this.#pending.delete(key);
    }
  }
}

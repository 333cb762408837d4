import type { ParleyError } from '../errors.js';
import type { Stored } from './types.js';

/** An event on its way to the stream. */
export interface Outgoing {
  readonly id: string;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: ParleyError) => void;
  /** The spool has it too. */
  readonly isSpooled?: boolean;
  /** Networks that have said it by now: told to whoever owns them when the log's copy comes. */
  readonly saidBy?: () => readonly string[];
}

/** As it is given back; `sent`: the stream may have it. */
export type Unconfirmed = Required<Outgoing> & { readonly sent: boolean };

/** An event in the line. */
export interface Entry extends Unconfirmed {
  /** Its answer carries it. */
  readonly number: number;
  /** 0: not sent since the last fault. `performance.now()`. */
  readonly sentAt: number;
  readonly settled: boolean;
}

type Mutable = { -readonly [Key in keyof Entry]: Entry[Key] };

const COMPACT_FROM = 1024;
const NO_DATA = new Uint8Array();
const ignore = () => {};
const saidByNone = () => [];

/**
 * Events that the stream has not confirmed, oldest first. Settled ones stay in their place until all before them are
 * settled too, and are cut off now and then, which keeps removal amortized O(1).
 */
export class Line {
  #entries: Mutable[] = [];
  /** Number of `#entries[0]`. */
  #first = 0;
  /** Entries before this index are settled. */
  #head = 0;
  /** Index of the next entry to send. */
  #next = 0;
  #count = 0;
  #bytes = 0;
  #inFlight = 0;

  /** Unconfirmed events. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sent since the last fault, and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get oldest(): Entry | undefined {
    return this.#entries[this.#head];
  }

  push(event: Outgoing): void {
    const { id, subject, data, resolve, reject, isSpooled = false, saidBy = saidByNone } = event;
    const number = this.#first + this.#entries.length;
    const waiting = { number, isSpooled, saidBy, sent: false, sentAt: 0, settled: false };
    this.#entries.push({ id, subject, data, resolve, reject, ...waiting });
    this.#count += 1;
    this.#bytes += data.length;
  }

  /** The next to send since the last fault; each comes once. */
  next(): Entry | undefined {
    let entry = this.#entries[this.#next];
    while (entry?.settled === true) {
      this.#next += 1;
      entry = this.#entries[this.#next];
    }
    if (entry !== undefined) this.#next += 1;
    return entry;
  }

  /** The unconfirmed event of this number. */
  at(number: number): Entry | undefined {
    const entry = this.#entries[number - this.#first];
    return entry?.settled === true ? undefined : entry;
  }

  /** The oldest that was sent to the subject and is not answered. */
  sentTo(subject: string): Entry | undefined {
    return this.#entries.find((entry) => entry.subject === subject && !entry.settled && entry.sentAt !== 0);
  }

  markSent({ number }: Entry): void {
    const entry = this.#entries[number - this.#first];
    if (entry === undefined) return;
    if (entry.sentAt === 0) this.#inFlight += 1;
    entry.sentAt = performance.now();
    entry.sent = true;
  }

  /** Everything is to be sent again. */
  unsend(): void {
    this.#inFlight = 0;
    this.#next = this.#head;
    for (const entry of this.#entries) entry.sentAt = 0;
  }

  settle({ number }: Entry): void {
    const entry = this.#entries[number - this.#first];
    if (entry === undefined || entry.settled) return;
    entry.settled = true;
    this.#count -= 1;
    this.#bytes -= entry.data.length;
    if (entry.sentAt !== 0) this.#inFlight -= 1;
    release(entry);
    this.#advance();
  }

  /** Takes out what is unconfirmed, in order. */
  take(): readonly Unconfirmed[] {
    const taken = this.#entries.slice(this.#head).filter(({ settled }) => !settled);
    this.#count = 0;
    this.#bytes = 0;
    this.#inFlight = 0;
    this.#clear();
    return taken;
  }

  #advance(): void {
    while (this.#entries[this.#head]?.settled === true) this.#head += 1;
    if (this.#next < this.#head) this.#next = this.#head;
    if (this.#count === 0) this.#clear();
    else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#entries.length) this.#compact();
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#first += this.#head;
    this.#next -= this.#head;
    this.#head = 0;
  }

  #clear(): void {
    this.#first += this.#entries.length;
    this.#entries = [];
    this.#head = 0;
    this.#next = 0;
  }
}

/** Entries stay until the line is compacted; what they hold need not. */
function release(entry: Mutable): void {
  entry.data = NO_DATA;
  entry.resolve = ignore;
  entry.reject = ignore;
}

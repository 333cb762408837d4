import type { Utterance } from './utterance.js';

/** Compacted when this many taken entries are in front of the first waiting one. */
const COMPACT_AT = 256;

/**
 * What waits to be said in one channel, in order. A channel that cannot take anything is held; the others go on.
 * Utterances that come back keep their place: they are merged in front once nothing of the channel is in flight.
 */
export class ChannelQueue {
  readonly channel: string;
  held = false;
  inFlight = 0;
  /** Its first utterance waits for what it refers to. */
  referring = false;
  /** In the dispatcher's round of channels that have something to send. */
  scheduled = false;
  holdTimer: NodeJS.Timeout | null = null;
  holds = 0;
  readonly skipped = new Set<Utterance>();
  /** What was taken leaves an empty place until the queue is compacted. */
  #waiting: (Utterance | undefined)[] = [];
  #first = 0;
  #returned: Utterance[] = [];

  constructor(channel: string) {
    this.channel = channel;
  }

  get length(): number {
    return this.#waiting.length - this.#first + this.#returned.length;
  }

  /** Something to send, and nothing that must come back in front of it. */
  get sendable(): boolean {
    return !this.held && !this.referring && this.#returned.length === 0 && this.#first < this.#waiting.length;
  }

  push(utterance: Utterance): void {
    this.#waiting.push(utterance);
  }

  pushFront(utterance: Utterance): void {
    if (this.#first > 0) this.#waiting[--this.#first] = utterance;
    else this.#waiting.unshift(utterance);
  }

  head(): Utterance | undefined {
    return this.#waiting[this.#first];
  }

  dropHead(): void {
    this.#waiting[this.#first] = undefined;
    this.#first += 1;
    if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Takes back a part that was sent in vain. */
  giveBack(utterance: Utterance, part: number): void {
    utterance.todo.push(part);
    utterance.todo.sort((a, b) => a - b);
    const waitsStill = this.head() === utterance;
    if (!waitsStill && !this.#returned.includes(utterance)) this.#returned.push(utterance);
  }

  /** Takes out what is not to be sent any more. */
  remove(utterance: Utterance): void {
    if (this.head() === utterance) this.dropHead();
    this.#returned = this.#returned.filter((other) => other !== utterance);
  }

  /** Puts what came back in front again. Only when nothing is in flight: later answers may bring more. */
  mergeReturned(): void {
    if (this.inFlight > 0 || this.#returned.length === 0) return;
    const returned = this.#returned.sort((a, b) => a.order - b.order);
    this.#waiting = [...returned, ...this.#waiting.slice(this.#first)];
    this.#first = 0;
    this.#returned = [];
  }
}

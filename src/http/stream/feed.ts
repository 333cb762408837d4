/**
 * The live end of one room's log, shared by all its readers: one subscription and one encoding, however many read.
 * The last frames are kept so that a reader that fell a little behind need not ask the log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, LoggedEvent, LoggedId, Subscription } from '../../bus/index.js';
import { Frame } from './frame.js';

const KEPT_FRAMES = 512;
const KEPT_BYTES = 2 * 1024 * 1024;
/** A page that lacks what must be there came from a server that has fallen behind; the next one may be another's. */
const LOOKS = 20;
const LOOK_AGAIN_MS = 200;
/** A slow reader holds at most one page: 2 MB of the longest events. */
const PAGE = 64;

export interface FeedListener {
  offer(frame: Frame): void;
  /** One that belongs before others that were offered. */
  offerLate(frame: Frame): void;
  /** What the log has lately, read once more. */
  looked(ids: readonly LoggedId[]): void;
  /** The feed is over; the reader can come back and resume. */
  lost(): void;
}

export class RoomFeed {
  readonly room: string;
  readonly listeners = new Set<FeedListener>();
  /** When a reader last came or went, by `performance.now()`. */
  usedAtMs = performance.now();
  readonly #bus: Bus;
  #subscription: Subscription | null = null;
  /** Settles once: when the feed has ended. */
  readonly closed: Promise<void>;
  #settle: () => void = () => {};
  #ended = false;
  /** Every event of the room above `#keptAfter` and up to `#head` is in `#kept`. */
  #keptAfter: number;
  #kept: Frame[] = [];
  #keptBytes = 0;
  #head: number;
  /** Of the room itself: `#head` may be another room's. */
  #newest: number;

  private constructor(bus: Bus, room: string, head: number, newest: number) {
    this.#bus = bus;
    this.#newest = newest;
    this.room = room;
    this.#head = head;
    this.#keptAfter = head;
    this.closed = new Promise((resolve) => {
      this.#settle = () => {
        this.#ended = true;
        resolve();
      };
    });
  }

  /** Resolves once no later event can be missed. */
  static async open(bus: Bus, room: string): Promise<RoomFeed> {
    const { lastSequence } = await bus.usage();
    const feed = new RoomFeed(bus, room, lastSequence, await bus.newest(room));
    const looked = (ids: readonly LoggedId[]): void => {
      for (const listener of feed.listeners) listener.looked(ids);
    };
    feed.#subscription = await bus.follow(room, lastSequence, (logged) => feed.#take(logged), looked);
    feed.#subscription.closed.catch(() => feed.#end());
    return feed;
  }

  /** Sequence up to which the feed has passed on everything. */
  get head(): number {
    return this.#head;
  }

  isIdle(sinceMs: number): boolean {
    return this.listeners.size === 0 && this.usedAtMs < sinceMs;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What follows `after` if it is still in memory, or null. */
  recent(after: number): readonly Frame[] | null {
    if (after < this.#keptAfter) return null;
    const start = this.#kept.findIndex((frame) => frame.sequence > after);
    return start < 0 ? [] : this.#kept.slice(start, start + PAGE);
  }

  async stop(): Promise<void> {
    this.#settle();
    await this.#subscription?.stop();
  }

  /** What follows `after` in the log; empty when there is nothing more. */
  async page(after: number): Promise<readonly Frame[]> {
    for (let looks = 1; ; looks += 1) {
      const page = await this.#bus.read(this.room, { after, limit: PAGE });
      if (page.length > 0 || after >= this.#newest || looks === LOOKS)
        return page.map((logged) => new Frame(logged));
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** The one at this place, for who has not got it; null: it is gone. */
  async lateFrame(sequence: number): Promise<Frame | null> {
    const [logged] = await this.#bus.read(this.room, { after: sequence - 1, before: sequence + 1, limit: 1 });
    return logged === undefined ? null : new Frame({ ...logged, late: true });
  }

  #take(logged: LoggedEvent): void {
    const frame = new Frame(logged);
    if (frame.isLate) {
      for (const listener of this.listeners) listener.offerLate(frame);
      return;
    }
    if (logged.sequence <= this.#head) return;
    this.#head = frame.sequence;
    this.#newest = frame.sequence;
    this.#keep(frame);
    for (const listener of this.listeners) listener.offer(frame);
  }

  #keep(frame: Frame): void {
    this.#kept.push(frame);
    this.#keptBytes += frame.sizeBytes;
    // Dropped by halves: shifting one by one would move the whole array for every event.
    if (this.#kept.length <= KEPT_FRAMES * 2 && this.#keptBytes <= KEPT_BYTES * 2) return;
    const dropped = this.#kept.splice(0, Math.ceil(this.#kept.length / 2));
    for (const { sizeBytes } of dropped) this.#keptBytes -= sizeBytes;
    this.#keptAfter = dropped.at(-1)?.sequence ?? this.#keptAfter;
  }

  #end(): void {
    this.#settle();
    for (const listener of this.listeners) listener.lost();
  }
}

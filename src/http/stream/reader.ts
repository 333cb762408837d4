/**
 * One reader of a room.
 *
 * Problem: every reader gets every event once, in order, but a slow one must not fill our memory. Idea: remember only
 * the place that the reader has reached. While its socket takes what comes, live events go straight to it; once the
 * socket says "enough", live events pass it by, and after the drain it reads on from its place: out of the feed's
 * memory, or out of the log. Why it is safe: `live` is entered only when the place is the feed's head, and both change
 * in the same turn of the event loop, so nothing fits between. What it cannot do: give back what the log's limits
 * have already removed.
 *
 * What a server with an odd copy of the log kept back comes late, once it is known: paged.ts.
 */
import type { LoggedId } from '../../bus/index.js';
import type { FeedListener, RoomFeed } from './feed.js';
import type { Frame } from './frame.js';
import { Paged } from './paged.js';

/** The socket of a reader. */
export interface Sink {
  /** False: enough for now; `Reader.drained` has to be called later. */
  write(frames: readonly Frame[]): boolean;
  /** A sign of life on a silent stream. */
  beat(): void;
  /** Says good-bye; `why` tells a client whether to come back. */
  end(why: 'shutdown' | 'revoked' | 'lost'): void;
  /** Cuts the connection. */
  destroy(): void;
}

/** So many heartbeats after its pages a reader is not told any more what they lacked. */
const PAGED_BEATS = 8;
/** Late ones that wait until the socket takes more. */
const MOST_LATE = 256;

export class Reader implements FeedListener {
  readonly #feed: RoomFeed;
  readonly #sink: Sink;
  #after: number;
  /** Read, but not written yet: what follows `#after`. */
  #pending: readonly Frame[] = [];
  #state: 'catching' | 'live' | 'waiting' | 'ended' = 'catching';
  #silentBeats = 0;
  readonly #begin: number;
  #paged: Paged | null = null;
  #pagedBeats = 0;
  #late: Frame[] = [];

  /** @param after reads what follows this sequence; null = only what is new */
  constructor(feed: RoomFeed, sink: Sink, after: number | null) {
    this.#feed = feed;
    this.#sink = sink;
    this.#after = after ?? feed.head;
    this.#begin = this.#after;
    if (this.#after < feed.head) this.#paged = new Paged(this.#after);
    // The feed may have ended while the connection was being set up.
    if (feed.ended) {
      this.end('lost');
      return;
    }
    feed.listeners.add(this);
    void this.#catchUp();
  }

  offer(frame: Frame): void {
    if (this.#state !== 'live' || frame.sequence <= this.#after) return;
    // A page of an odd copy had it under another number.
    if (this.#paged?.has(frame.id)) this.#after = frame.sequence;
    else if (!this.#write([frame])) this.#state = 'waiting';
  }

  offerLate(frame: Frame): void {
    if (this.#state === 'ended' || frame.sequence <= this.#begin) return;
    if (this.#late.length < MOST_LATE) this.#late.push(frame);
    this.#writeLate();
  }

  looked(ids: readonly LoggedId[]): void {
    const paged = this.#state === 'live' ? this.#paged : null;
    const lacking = paged === null ? [] : ids.filter((logged) => paged.lacks(logged));
    if (lacking.length > 0) void this.#fetchLate(lacking);
  }

  /** The socket takes more again. */
  drained(): void {
    this.#silentBeats = 0;
    if (this.#state === 'waiting') void this.#catchUp();
  }

  /** Called at every heartbeat; a socket that takes nothing for `patience` beats is given up. */
  beat(patience: number): void {
    if (this.#state === 'live' && this.#paged !== null) this.#pagedBeats += 1;
    if (this.#pagedBeats > PAGED_BEATS) this.#paged = null;
    if (this.#state === 'live') {
      this.#sink.beat();
      return;
    }
    this.#silentBeats += 1;
    if (this.#silentBeats > patience) this.#sink.destroy();
  }

  lost(): void {
    this.end('lost');
  }

  end(why: 'shutdown' | 'revoked' | 'lost'): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#sink.end(why);
  }

  destroy(): void {
    this.close();
    this.#sink.destroy();
  }

  /** The socket is gone. */
  close(): void {
    this.#state = 'ended';
    this.#pending = [];
    this.#feed.listeners.delete(this);
    this.#feed.usedAtMs = performance.now();
  }

  async #catchUp(): Promise<void> {
    this.#state = 'catching';
    try {
      await this.#readOn();
    } catch {
      // The log cannot be read now: the client comes back and resumes from its last event.
      this.end('lost');
    }
  }

  async #readOn(): Promise<void> {
    while (this.#state === 'catching') {
      if (this.#pending.length > 0) this.#writePending();
      else if (this.#after < this.#feed.head) await this.#fetch();
      else this.#goLive();
    }
  }

  #goLive(): void {
    this.#state = 'live';
    this.#paged?.end(this.#after);
    this.#writeLate();
  }

  async #fetch(): Promise<void> {
    const { head } = this.#feed;
    this.#pending = this.#feed.recent(this.#after) ?? (await this.#feed.page(this.#after));
    // Nothing up to the head: other rooms' events, or removed by the limits of the log.
    if (this.#pending.length === 0) this.#after = Math.max(this.#after, head);
  }

  async #fetchLate(lacking: readonly LoggedId[]): Promise<void> {
    for (const { sequence } of lacking) {
      // What cannot be read now is looked at once more.
      const frame = await this.#feed.lateFrame(sequence).catch(() => null);
      if (frame !== null) this.offerLate(frame);
    }
  }

  #writeLate(): void {
    if (this.#state !== 'live' || this.#late.length === 0) return;
    const paged = this.#paged;
    const frames = this.#late.filter((frame) => !paged?.spans(frame.sequence) || paged.note(frame));
    this.#late = [];
    if (!this.#send(frames)) this.#state = 'waiting';
  }

  #writePending(): void {
    const count = fitting(this.#pending);
    const frames = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    if (!this.#write(frames)) this.#state = 'waiting';
  }

  #write(frames: readonly Frame[]): boolean {
    this.#after = frames.at(-1)?.sequence ?? this.#after;
    const paged = this.#paged;
    const isCatching = this.#state === 'catching';
    return this.#send(paged === null || !isCatching ? frames : frames.filter((frame) => paged.note(frame)));
  }

  #send(frames: readonly Frame[]): boolean {
    this.#silentBeats = 0;
    return frames.length === 0 || this.#sink.write(frames);
  }
}

const WRITE_BYTES = 64 * 1024;

/** How many of the frames one write should hold; at least one. */
function fitting(frames: readonly Frame[]): number {
  let size = 0;
  const over = frames.findIndex((frame) => {
    size += frame.json.length;
    return size > WRITE_BYTES;
  });
  return over < 0 ? frames.length : Math.max(1, over);
}

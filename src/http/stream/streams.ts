/** All readers of all rooms: who they are, their heartbeat, their end. */
import type { Bus } from '../../bus/index.js';
import type { Logger } from '../../log.js';
import type { Grant } from '../grants.js';
import { RoomFeed } from './feed.js';
import { Reader, type Sink } from './reader.js';

/** A stalled reader is given up after this many heartbeats: two minutes. */
const PATIENCE_BEATS = 8;
/** A feed outlives its last reader by this, so that one that joins or reconnects finds it. */
const LINGER_MS = 10_000;

export class Streams {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #feeds = new Map<string, Promise<RoomFeed>>();
  readonly #readers = new Map<Reader, Grant>();
  readonly #timer: NodeJS.Timeout;

  constructor(bus: Bus, log: Logger, heartbeatMs: number) {
    this.#bus = bus;
    this.#log = log;
    this.#timer = setInterval(() => void this.#beat(), heartbeatMs).unref();
  }

  /** Resolves once no event that comes later can be missed. */
  async join(room: string): Promise<RoomFeed> {
    const feed = await (this.#feeds.get(room) ?? this.#open(room));
    feed.usedAtMs = performance.now();
    return feed;
  }

  attach(feed: RoomFeed, sink: Sink, after: number | null, grant: Grant): Reader {
    const reader = new Reader(feed, sink, after);
    this.#readers.set(reader, grant);
    this.#log.debug('a stream began', { room: feed.room, token: grant.name });
    return reader;
  }

  /** The socket of the reader is gone. */
  detach(reader: Reader): void {
    reader.close();
    this.#readers.delete(reader);
  }

  revoke(grant: Grant): void {
    for (const [reader, owner] of this.#readers) if (owner === grant) reader.end('revoked');
  }

  end(): void {
    for (const reader of this.#readers.keys()) reader.end('shutdown');
  }

  destroy(): void {
    for (const reader of this.#readers.keys()) reader.destroy();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.end();
    const feeds = await Promise.allSettled(this.#feeds.values());
    this.#feeds.clear();
    await Promise.all(feeds.map((feed) => (feed.status === 'fulfilled' ? feed.value.stop() : null)));
  }

  #open(room: string): Promise<RoomFeed> {
    const opening = RoomFeed.open(this.#bus, room);
    this.#feeds.set(room, opening);
    opening.then(
      (feed) => feed.closed.then(() => this.#forget(room, opening)),
      () => this.#forget(room, opening),
    );
    return opening;
  }

  async #beat(): Promise<void> {
    for (const reader of this.#readers.keys()) reader.beat(PATIENCE_BEATS);
    const nowMs = performance.now();
    for (const [room, opening] of this.#feeds) {
      const feed = await opening.catch(() => null);
      if (feed === null || !feed.isIdle(nowMs - LINGER_MS)) continue;
      if (this.#forget(room, opening)) await feed.stop();
    }
  }

  #forget(room: string, opening: Promise<RoomFeed>): boolean {
    return this.#feeds.get(room) === opening && this.#feeds.delete(room);
  }
}

/**
 * Every event of a room, each once, in order, without a gap, for any number of followers.
 *
 * ROOMS republishes what it stored on a plain subject, with the stream sequence and the sequence before it in the same
 * room. One subscription per room is shared by all its followers (a `Feed`); an event is decoded once. Plain subjects
 * may lose messages (a reconnect, a slow client): the sequence before tells, and what is missing is read from the log.
 * A follower that starts in the past reads the log until it has caught up with the feed, then joins it: both in one
 * turn of the event loop, so nothing can come between.
 */
import { Feed, type FeedSource } from './feed.js';
import type { FollowerCalls } from './follower.js';
import type { LoggedId, Subscription } from './types.js';

/** The feeds that somebody follows. */
export class Feeds {
  readonly #source: FeedSource;
  readonly #feeds = new Map<string, { readonly feed: Feed; readonly open: Promise<void> }>();

  constructor(source: FeedSource) {
    this.#source = source;
  }

  get rooms(): readonly string[] {
    return [...this.#feeds.keys()];
  }

  async follow(room: string, after: number | null, calls: FollowerCalls): Promise<Subscription> {
    const { feed, open } = this.#feedOf(room);
    feed.hold();
    try {
      await open;
    } catch (error) {
      feed.release();
      throw error;
    }
    return feed.follow(after, calls);
  }

  restart(): void {
    for (const { feed } of this.#feeds.values()) feed.restart();
  }

  /** What the log has lately of a room, read once more. */
  async looked(room: string, ids: readonly LoggedId[]): Promise<void> {
    await this.#feeds.get(room)?.feed.looked(ids);
  }

  refill(): void {
    for (const { feed } of this.#feeds.values()) feed.refill();
  }

  end(error: Error | null): void {
    for (const { feed } of [...this.#feeds.values()]) feed.end(error);
  }

  #feedOf(room: string): { readonly feed: Feed; readonly open: Promise<void> } {
    const known = this.#feeds.get(room);
    if (known !== undefined) return known;
    const feed = new Feed(room, this.#source, () => {
      if (this.#feeds.get(room)?.feed === feed) this.#feeds.delete(room);
    });
    const open = feed.open();
    // Each follower awaits it; this keeps the rejection from being unhandled before they do.
    open.catch(() => {});
    const shared = { feed, open };
    this.#feeds.set(room, shared);
    return shared;
  }
}

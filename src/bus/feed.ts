import { setTimeout as pause } from 'node:timers/promises';
import type { Msg, NatsConnection, Subscription as NatsSubscription } from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { Follower, type FollowerCalls } from './follower.js';
import type { History } from './history.js';
import type { LogReader } from './log-reader.js';
import { Passed } from './passed.js';
import type { Subjects } from './subjects.js';
import type { LoggedEvent, LoggedId } from './types.js';

const PAGE = 1000;
const RETRY_MS = 500;
/**
 * A page is read from one of the servers that have a copy, which may have fallen behind the others: what must be there
 * and is not is looked for again. What somebody deleted out of the middle is given up after so many looks.
 */
const LOOKS = 20;
const LOOK_AGAIN_MS = 200;

export interface FeedSource {
  readonly nats: NatsConnection;
  readonly reader: LogReader;
  readonly history: History;
  readonly subjects: Subjects;
  readonly log: Logger;
}

/** All followers of one room. How: see follow.ts. */
export class Feed {
  readonly #room: string;
  readonly #source: FeedSource;
  readonly #followers = new Set<Follower>();
  readonly #subscription: NatsSubscription;
  readonly #ended: () => void;
  /** The room's last sequence that the followers have. */
  #at = 0;
  #passed = new Passed(0);
  /** Live events that came while the log is being read. */
  #early: Live[] | null = [];
  #filling: Promise<void> = Promise.resolve();
  #fillAgain = false;
  /** Counts the logs: it grows when the log is made anew. */
  #epoch = 0;
  #users = 0;
  #closed = false;

  constructor(room: string, source: FeedSource, ended: () => void) {
    this.#room = room;
    this.#source = source;
    this.#ended = ended;
    this.#subscription = source.nats.subscribe(source.subjects.live(room), {
      callback: (error, message) => {
        if (error === null) this.#heard(message);
        else this.end(denied(room, error));
      },
    });
  }

  /** Resolves once every event stored from now on will be seen. */
  async open(): Promise<void> {
    // The server has the subscription when it has answered; what is stored later is republished to us.
    await this.#source.nats.flush();
    this.#at = await this.#source.history.newest(this.#room);
    this.#passed = new Passed(this.#at);
    if (!this.#goLive(0)) this.#fill(); // no gap is allowed
  }

  follow(after: number | null, calls: FollowerCalls): Follower {
    const follower = new Follower(after ?? this.#at, calls, this.#source.log, (gone) => this.#left(gone));
    if (after === null) {
      this.#followers.add(follower);
      return follower;
    }
    // Settled on its own, so that a long replay does not keep the caller from its subscription.
    void this.#replay(follower);
    return follower;
  }

  hold(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#close();
  }

  /** After a reconnect: what was published meanwhile is in the log. */
  refill(): void {
    if (this.#early === null) this.#fill();
    else this.#fillAgain = true;
  }

  /** The log was made anew: its sequences start again. */
  restart(): void {
    this.#epoch += 1;
    this.#at = 0;
    this.#passed.restart();
    for (const follower of this.#followers) follower.at = 0;
    this.refill();
  }

  /** What the log has lately, read once more (second-look.ts). */
  async looked(ids: readonly LoggedId[]): Promise<void> {
    for (const { sequence, id } of ids) if (this.#lacks(sequence, id)) await this.#fetchLate(sequence);
    for (const follower of this.#followers) follower.looked(ids);
  }

  end(error: Error | null): void {
    for (const follower of [...this.#followers]) follower.end(error);
    this.#close();
  }

  #left(follower: Follower): void {
    this.#followers.delete(follower);
    this.release();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
    this.#ended();
  }

  async #replay(follower: Follower): Promise<void> {
    const feedStart = this.#at;
    const firstEpoch = this.#epoch;
    let checked = false;
    let looks = 0;
    while (!follower.ended && !this.#closed) {
      try {
        // Nothing may be awaited between this check and the joining.
        if (checked && follower.at >= this.#at && this.#early === null) {
          this.#followers.add(follower);
          return;
        }
        await this.#filling;
        if (!checked) await this.#lower(follower, feedStart);
        if (!checked && firstEpoch !== this.#epoch) follower.at = 0;
        checked = true;
        const feedAt = this.#at;
        const epoch = this.#epoch;
        await this.#readInto(
          follower.at,
          (event) => follower.give(event),
          (at) => {
            follower.at = Math.max(follower.at, at);
          },
        );
        looks += 1;
        if (follower.at < feedAt && looks < LOOKS && feedAt >= (await this.#oldest())) {
          await pause(LOOK_AGAIN_MS);
          continue;
        }
        // All that was stored up to there has been read; what was not found has fallen out of the log.
        follower.at = epoch === this.#epoch ? Math.max(follower.at, feedAt) : 0;
      } catch (error) {
        this.#source.log.warn('cannot read the room log', { room: this.#room, reason: reasonOf(error) });
        await pause(RETRY_MS);
      }
    }
  }

  /** A sequence that the log has not reached is of another, lost one: such a follower begins with what is new. */
  async #lower(follower: Follower, feedStart: number): Promise<void> {
    if (follower.at <= feedStart) return;
    const { last } = await this.#source.reader.bounds();
    if (follower.at > last) follower.at = feedStart;
  }

  /** Reads what is behind `after`; `reached` hears of entries too that are no event. */
  async #readInto(
    after: number,
    give: (event: LoggedEvent) => void,
    reached: (sequence: number) => void,
  ): Promise<void> {
    const subject = this.#source.subjects.room(this.#room);
    for (let at = after; !this.#closed; ) {
      const entries = await this.#source.reader.forward(subject, at + 1, Number.POSITIVE_INFINITY, PAGE);
      for (const event of this.#source.history.decoded(entries)) give(event);
      const last = entries.at(-1);
      if (last === undefined) return;
      at = last.sequence;
      reached(at);
      if (entries.length < PAGE) return;
    }
  }

  #heard(message: Msg): void {
    const live = readLive(message);
    if (live === null) return;
    if (this.#early !== null) this.#early.push(live);
    else if (live.before > this.#at) this.#missed(live);
    else this.#pass(live);
  }

  #missed(live: Live): void {
    this.#source.log.debug('reading what was missed', {
      room: this.#room,
      at: this.#at,
      before: live.before,
    });
    this.#fill();
    this.#early?.push(live);
  }

  #pass(live: Live): void {
    const isLate = live.sequence <= this.#at;
    // What nobody published under an id cannot be known again.
    if (isLate && !this.#lacks(live.sequence, live.message.headers?.get('Nats-Msg-Id') ?? '')) return;
    this.#at = Math.max(this.#at, live.sequence);
    for (const event of this.#source.history.decoded([live])) {
      if (isLate) this.#giveLate(event);
      else this.#give(event);
    }
  }

  #lacks(sequence: number, id: string): boolean {
    return id !== '' && sequence <= this.#at && this.#passed.covers(sequence) && !this.#passed.has(id);
  }

  async #fetchLate(sequence: number): Promise<void> {
    const subject = this.#source.subjects.room(this.#room);
    const entries = await this.#source.reader.forward(subject, sequence, sequence + 1, 1);
    for (const event of this.#source.history.decoded(entries)) this.#giveLate(event);
  }

  /** One that was passed on before, under another number, is not passed on again. */
  #give(event: LoggedEvent): void {
    if (!this.#passed.note(event.event.id, event.sequence)) return;
    for (const follower of this.#followers) follower.give(event);
  }

  #giveLate(event: LoggedEvent): void {
    if (!this.#passed.note(event.event.id, event.sequence)) return;
    this.#source.log.info('an event of the room log comes late', {
      room: this.#room,
      sequence: event.sequence,
    });
    for (const follower of this.#followers) follower.giveLate(event);
  }

  #fill(): void {
    this.#early ??= [];
    this.#filling = this.#filled();
  }

  async #filled(): Promise<void> {
    for (let looks = 1; !this.#closed; looks++) {
      this.#fillAgain = false;
      try {
        await this.#readInto(
          this.#at,
          (event) => this.#give(event),
          (at) => {
            this.#at = Math.max(this.#at, at);
          },
        );
        const oldest = looks < LOOKS ? await this.#oldest() : Number.POSITIVE_INFINITY;
        if (!this.#fillAgain && this.#goLive(oldest)) return;
        if (looks > 1) await pause(LOOK_AGAIN_MS);
      } catch (error) {
        this.#source.log.warn('cannot read the room log', { room: this.#room, reason: reasonOf(error) });
        await pause(RETRY_MS);
      }
    }
  }

  /** First sequence that the log still has. */
  async #oldest(): Promise<number> {
    return (await this.#source.reader.bounds()).first;
  }

  /** Passes on what came during a read; false when there is a gap in it. What was before `oldest` has fallen out of the log. */
  #goLive(oldest: number): boolean {
    const early = this.#early ?? [];
    for (const [index, live] of early.entries()) {
      if (live.before > this.#at && live.before >= oldest) {
        this.#early = early.slice(index);
        return false;
      }
      this.#pass(live);
    }
    this.#early = null;
    return true;
  }
}

interface Live {
  readonly sequence: number;
  /** The sequence before it in the same room, 0 = none. */
  readonly before: number;
  readonly message: Msg;
}

function readLive(message: Msg): Live | null {
  const sequence = Number(message.headers?.get('Nats-Sequence'));
  if (!Number.isSafeInteger(sequence) || sequence <= 0) return null;
  return { sequence, before: Number(message.headers?.get('Nats-Last-Sequence')) || 0, message };
}

function denied(room: string, error: Error): ParleyError {
  return new ParleyError('BACKBONE_DENIED', `room ${room} cannot be followed: ${error.message}`, {
    fix: 'Give this NATS user the permission to subscribe to {prefix}.live.room.*',
    cause: error,
  });
}

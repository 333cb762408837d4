/**
 * What live readers may have missed of the log is looked for once more.
 *
 * Problem: a feed is told by the leader of the log what was stored, and fills gaps from a page of any copy. While a server
 * has an odd copy (docs/decisions/0008), or its disk takes nothing, lines can be passed by without a gap to be seen.
 * Idea: where there are several copies, the ids of the last minute are read again every half a minute, and each feed
 * passes on, late, what it does not know. One consumer for all rooms, headers only. When a node tells that a copy was odd,
 * the stretch that it may have falsified is looked at at once. What it cannot do: see what lacks in the copy that is
 * looked at; each line is looked at twice, and the second look may be at another.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JetStreamManager } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Feeds } from './follow.js';
import type { LogReader } from './log-reader.js';
import type { Subjects } from './subjects.js';
import type { LoggedId } from './types.js';

const EVERY_MS = 30_000;
/** No more of the newest is looked at: 2 s of reading at the log's full speed. */
const MOST = 20_000;
/** A reader that was led astray comes back by then. */
const DOUBT_MS = 10 * 60_000;
const AGAIN_MS = 500;
/** An election may come between. */
const TRIES = 30;

export interface SecondLookSource {
  readonly manager: JetStreamManager;
  readonly reader: LogReader;
  readonly subjects: Subjects;
  readonly log: Logger;
  readonly connected: () => boolean;
  readonly feeds: Feeds;
}

export class SecondLook {
  readonly #source: SecondLookSource;
  readonly #timer: NodeJS.Timeout;
  /** Where the log ended at the last two looks. */
  #ends: readonly [number, number] | null = null;
  #doubted = { from: 0, atMs: Number.NEGATIVE_INFINITY };
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(source: SecondLookSource) {
    this.#source = source;
    this.#timer = setInterval(() => this.#begin(() => this.#ofLate()), EVERY_MS).unref();
  }

  /** Looks at all from this sequence on, as soon as it can be read. */
  from(sequence: number): void {
    this.#doubted = { from: sequence, atMs: performance.now() };
    this.#begin(() => this.#patiently(sequence));
  }

  /** From where on what was passed on in the last minutes may have been an odd copy's; null: from nowhere. */
  get doubted(): number | null {
    const isRecent = performance.now() - this.#doubted.atMs < DOUBT_MS;
    return isRecent ? this.#doubted.from : null;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  get #mayLook(): boolean {
    return !this.#stopped && this.#source.connected() && this.#source.feeds.rooms.length > 0;
  }

  /** One after the other. */
  #begin(look: () => Promise<void>): void {
    this.#looking = this.#looking.then(look).catch((error: unknown) => {
      this.#source.log.debug('cannot look at the room log again', { reason: reasonOf(error) });
    });
  }

  async #ofLate(): Promise<void> {
    if (!this.#mayLook) {
      this.#ends = null;
      return;
    }
    const { manager, subjects } = this.#source;
    const { config, state } = await manager.streams.info(subjects.roomStream);
    const [before, last] = this.#ends ?? [state.last_seq, state.last_seq];
    if (config.num_replicas > 1 && state.last_seq > before) await this.#look(before + 1, state.last_seq);
    // Only now: what could not be read is looked at the next time.
    this.#ends = [last, state.last_seq];
  }

  async #patiently(sequence: number): Promise<void> {
    for (let tries = 1; this.#mayLook; tries += 1) {
      try {
        const { manager, subjects } = this.#source;
        const { state } = await manager.streams.info(subjects.roomStream);
        return await this.#look(sequence, state.last_seq);
      } catch (error) {
        if (tries === TRIES) throw error;
        await pause(AGAIN_MS);
      }
    }
  }

  async #look(from: number, last: number): Promise<void> {
    const { reader, subjects, feeds } = this.#source;
    const start = Math.max(from, last - MOST + 1);
    const entries = await reader.forward(subjects.everyRoom, start, last + 1, MOST, { headersOnly: true });
    const followed = new Map(
      feeds.rooms.map((room) => [subjects.room(room), { room, ids: [] as LoggedId[] }]),
    );
    for (const { sequence, message } of entries) {
      const id = message.headers?.get('Nats-Msg-Id') ?? '';
      // What a plugin published without an id cannot be known again.
      if (id !== '') followed.get(message.subject)?.ids.push({ sequence, id });
    }
    for (const { room, ids } of followed.values()) if (ids.length > 0) await feeds.looked(room, ids);
  }
}

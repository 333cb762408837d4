import type { JetStreamManager } from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { decodeEvent, type ParleyEvent } from '../message/index.js';
import { isNotFound } from './api-errors.js';
import type { LogEntry, LogReader } from './log-reader.js';
import type { Subjects } from './subjects.js';
import type { LoggedEvent, PageRequest } from './types.js';

/** An id is looked for in this many of a room's newest events unless told otherwise, in pages that grow. */
const SEARCH_LIMIT = 100_000;
const FIRST_SEARCH_PAGE = 500;

/** Pages of a room's log, and the place of an event in it. */
export class History {
  readonly #reader: LogReader;
  readonly #manager: JetStreamManager;
  readonly #subjects: Subjects;
  readonly #log: Logger;

  constructor(reader: LogReader, manager: JetStreamManager, subjects: Subjects, log: Logger) {
    this.#reader = reader;
    this.#manager = manager;
    this.#subjects = subjects;
    this.#log = log;
  }

  /** With `after`: the first `limit` behind it (before `before`, if given). Else the last `limit` before `before`. */
  async read(room: string, page: PageRequest): Promise<readonly LoggedEvent[]> {
    const subject = this.#subjects.room(room);
    const before = page.before ?? Number.POSITIVE_INFINITY;
    if (page.limit <= 0) return [];
    const entries =
      page.after === undefined
        ? await this.#reader.backward(subject, before, page.limit)
        : await this.#reader.forward(subject, page.after + 1, before, page.limit);
    return this.decoded(entries);
  }

  /** Sequence of the room's last event, as the log's leader has it; 0: there is none. */
  async newest(room: string): Promise<number> {
    try {
      const last_by_subj = this.#subjects.room(room);
      return (await this.#manager.streams.getMessage(this.#subjects.roomStream, { last_by_subj })).seq;
    } catch (error) {
      if (isNotFound(error)) return 0;
      throw error;
    }
  }

  /** As the log's leader has it. Throws EVENT_INVALID, NOT_FOUND. */
  async at(sequence: number): Promise<ParleyEvent> {
    try {
      const { data } = await this.#manager.streams.getMessage(this.#subjects.roomStream, { seq: sequence });
      return decodeEvent(data);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new ParleyError('NOT_FOUND', `the log has nothing at ${sequence} any more`);
    }
  }

  /**
   * Searched backwards from the newest, which finds what clients ask for (the last event they saw) in one page. The
   * time inside an id would not help: derived ids have none, and an event is stored long after its id was made when
   * the backbone was away.
   */
  async sequenceOf(room: string, eventId: string, among = SEARCH_LIMIT): Promise<number | null> {
    const subject = this.#subjects.room(room);
    let before = Number.POSITIVE_INFINITY;
    let limit = FIRST_SEARCH_PAGE;
    for (let searched = 0; searched < among; searched += limit) {
      const entries = await this.#reader.backward(subject, before, limit, { headersOnly: true });
      const [oldest] = entries;
      const found = await this.#find(subject, entries, eventId);
      if (found !== null) return found;
      if (oldest === undefined || entries.length < limit) return null;
      before = oldest.sequence;
      limit = Math.min(limit * 4, 10_000);
    }
    return null;
  }

  /** Ids of the events that were stored on a subject since then (ms since 1970, by the server's clock). */
  async idsSince(subject: string, sinceMs: number): Promise<ReadonlySet<string>> {
    const entries = await this.#reader.since(subject, new Date(sinceMs), SEARCH_LIMIT, { headersOnly: true });
    return new Set(entries.map(({ message }) => message.headers?.get('Nats-Msg-Id') ?? ''));
  }

  async #find(subject: string, entries: readonly LogEntry[], eventId: string): Promise<number | null> {
    const nameless: LogEntry[] = [];
    for (const entry of entries) {
      const id = entry.message.headers?.get('Nats-Msg-Id') ?? '';
      if (id === eventId) return entry.sequence;
      if (id === '') nameless.push(entry);
    }
    // Published by a plugin without the header: only the body tells.
    for (const { sequence } of nameless) {
      const [logged] = this.decoded(await this.#reader.forward(subject, sequence, sequence + 1, 1));
      if (logged?.event.id === eventId) return sequence;
    }
    return null;
  }

  /** What is no event (a foreign publisher's mistake) is logged and left out. */
  decoded(entries: readonly LogEntry[]): readonly LoggedEvent[] {
    return entries.flatMap((entry) => {
      try {
        return [{ sequence: entry.sequence, event: decodeEvent(entry.message.data) }];
      } catch (error) {
        this.#log.warn('the log holds something that is no event', {
          sequence: entry.sequence,
          reason: reasonOf(error),
        });
        return [];
      }
    });
  }
}

/** What was said lately, in a few words: for replies to it on networks that cannot point at a message. */
import type { Bus } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { ParleyEvent } from '../message/index.js';
import type { Quote } from '../routing/index.js';

/** Of each of two generations: the older one goes as a whole. */
const REMEMBERED = 1_024;
const EXCERPT_CHARS = 60;
/** A reply to something older than this many events of its room goes without a quote. */
const SEARCHED = 2_000;

export class Quotes {
  readonly #bus: Bus;
  readonly #log: Logger;
  #newer = new Map<string, Quote>();
  #older = new Map<string, Quote>();

  constructor(bus: Bus, log: Logger) {
    this.#bus = bus;
    this.#log = log;
  }

  remember(event: ParleyEvent): void {
    if (!isSpoken(event.type)) return;
    this.#newer.set(event.id, quoteOf(event));
    if (this.#newer.size < REMEMBERED) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  peek(eventId: string): Quote | undefined {
    return this.#newer.get(eventId) ?? this.#older.get(eventId);
  }

  /** From the room log; null when it is not among the newest there. Never rejects. */
  async find(room: string, eventId: string): Promise<Quote | null> {
    const known = this.peek(eventId);
    if (known !== undefined) return known;
    try {
      const sequence = await this.#bus.sequenceOf(room, eventId, SEARCHED);
      if (sequence === null) return null;
      const [found] = await this.#bus.read(room, { after: sequence - 1, limit: 1 });
      return found?.event.id === eventId && isSpoken(found.event.type) ? quoteOf(found.event) : null;
    } catch (error) {
      this.#log.debug('no quote for a reply', { eventId, reason: reasonOf(error) });
      return null;
    }
  }
}

function isSpoken(type: string): boolean {
  return type === 'chat.message' || type === 'chat.action' || type === 'chat.notice' || type === 'chat.edit';
}

function quoteOf({ data }: ParleyEvent): Quote {
  const { author, text, markup } = data;
  // A copy: a slice would keep the whole text alive.
  const start = text.length <= 2 * EXCERPT_CHARS ? text : structuredClone(text.slice(0, 2 * EXCERPT_CHARS));
  return { name: author.name, text: start, markup };
}

/** Says answers where the question was asked: in the room, or to the caller alone when they are long or nobody else's business. */
import { reasonOf } from '../src/errors.js';
import type { Logger } from '../src/log.js';
import { cutBytes, newId, type ParleyEvent } from '../src/message/index.js';
import type { Answer, Caller } from './call.js';
import { saidIn } from './own-words.js';

export interface AnswersOptions {
  readonly gateway: string;
  readonly log: Logger;
  /** Accepts the event into its room; rejects when that cannot be. */
  readonly say: (event: ParleyEvent) => Promise<unknown>;
  /** Rejects when the network cannot, or will not, tell one person something. */
  readonly whisper: (network: string, person: string, text: string) => Promise<void>;
}

/** The event of each room in which the call was heard; empty: it was said to us alone. */
export type CallEvents = readonly ParleyEvent[];

const MAX_PUBLIC_LINES = 4;
const PAGE_LINES = 8;
const MAX_LINES = 400;
const MAX_LINE_BYTES = 1200;
/** People with something more to read; the oldest are forgotten. */
const READERS = 1000;

export class Answers {
  readonly #options: AnswersOptions;
  /** What is still to be read, by author. */
  readonly #more = new Map<string, readonly string[]>();

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Never rejects: what cannot be said is logged. */
  async give(answer: Answer, caller: Caller, heard: CallEvents): Promise<void> {
    const lines = answer.lines
      .slice(0, MAX_LINES)
      .map(clean)
      .filter((line) => line !== '');
    if (lines.length === 0) return;
    const alone = answer.private === true || lines.length > MAX_PUBLIC_LINES || heard.length === 0;
    try {
      if (alone && caller.person !== null && caller.network !== null) await this.#page(lines, caller);
      else if (heard.length > 0) await this.#sayIn(heard, shortened(lines));
    } catch (error) {
      this.#options.log.warn('an answer was not said', { caller: caller.author, reason: reasonOf(error) });
    }
  }

  /** The next page for this caller; null: there is none. */
  next(caller: Caller): readonly string[] | null {
    const waiting = this.#more.get(caller.author);
    this.#more.delete(caller.author);
    return waiting ?? null;
  }

  async #page(lines: readonly string[], caller: Caller): Promise<void> {
    const now = lines.length > PAGE_LINES + 1 ? lines.slice(0, PAGE_LINES) : lines;
    const later = lines.slice(now.length);
    if (later.length > 0) this.#keep(caller.author, later);
    const { network, person } = caller;
    const shown = later.length === 0 ? now : [...now, `… ${later.length} more lines: say "more".`];
    // In order, all handed over at once: the network paces them.
    await Promise.all(shown.map((line) => this.#options.whisper(network ?? '', person ?? '', line)));
  }

  #keep(author: string, lines: readonly string[]): void {
    this.#more.delete(author);
    this.#more.set(author, lines);
    const [oldest] = this.#more.size > READERS ? this.#more.keys() : [];
    if (oldest !== undefined) this.#more.delete(oldest);
  }

  /** Once in each room; a channel that is in several of them hears it once, by `origin`. */
  async #sayIn(heard: CallEvents, lines: readonly string[]): Promise<void> {
    const origin = heard.length > 1 ? { origin: newId() } : {};
    const text = lines.join('\n');
    const { gateway, say } = this.#options;
    const replies = heard.map(({ subject, data }) => saidIn(subject, data.native.channel, text, gateway));
    await Promise.all(replies.map((reply) => say({ ...reply, ...origin })));
  }
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_PUBLIC_LINES) return lines;
  const shown = lines.slice(0, MAX_PUBLIC_LINES - 1);
  return [
    ...shown,
    `… ${lines.length - shown.length} more lines; ask again where an answer can be given alone.`,
  ];
}

/** One line without control characters: services may answer anything. */
function clean(line: string): string {
  return cutBytes(line.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim(), MAX_LINE_BYTES, '…');
}

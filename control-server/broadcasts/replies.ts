/** What a caller is told, in the community's own texts; and the warnings that go with it. */
import type { BroadcastListConfig, BroadcastTexts, ParleyConfig } from '../../src/config/index.js';
import { byteLength } from '../../src/message/index.js';
import type { Answer } from '../call.js';
import { cleanName, lengthOf } from './clean.js';
import { MAX_LINE_BYTES } from './format.js';
import type { Ledger } from './ledger.js';
import { INNOCENT, offended, remaining, warn } from './offences.js';
import { callRoomsOf } from './places.js';
import type { People } from './records.js';
import type { PersonRecord } from './shapes.js';
import type { Question, Refused } from './verdict.js';
import { fill, spanOf } from './wording.js';

/** What a refusal is about. */
export interface About {
  readonly list: BroadcastListConfig;
  readonly word: string;
  readonly question: Question;
  /** What all gateways have against the caller. */
  readonly record: PersonRecord;
  /** The caller's. */
  readonly name: string;
}

type Values = Readonly<Record<string, string>>;

/** With more warned people than this, those are let off who will be soonest anyway. */
const MAX_PEOPLE = 1_000;
/** More names of rooms make no readable line. */
const MAX_NAMED = 8;

export class Replies {
  readonly #config: () => ParleyConfig;
  readonly #ledger: Ledger;

  constructor(config: () => ParleyConfig, ledger: Ledger) {
    this.#config = config;
    this.#ledger = ledger;
  }

  done({ name }: BroadcastListConfig, rooms: readonly string[]): Answer {
    return this.#alone('done', { list: name, rooms: named(rooms) });
  }

  dryRun({ name }: BroadcastListConfig, rooms: readonly string[], line: string): Answer {
    return this.#alone('dryRun', { list: name, rooms: named(rooms), line });
  }

  failed({ name }: BroadcastListConfig): Answer {
    return this.#alone('failed', { list: name });
  }

  refused(refused: Refused, about: About): Answer {
    const { lines } = this.#alone(refused.reason, this.#valuesOf(refused, about));
    const warning = refused.warns ? this.#warn(about) : null;
    return { lines: warning === null ? lines : [...lines, warning], private: true };
  }

  #alone(text: keyof BroadcastTexts, values: Values): Answer {
    return { lines: [fill(this.#config().broadcasts.texts[text], values)], private: true };
  }

  #valuesOf({ againMs, saidAt }: Refused, { list, word, question }: About): Values {
    const { now, imitates } = question;
    return {
      list: list.name,
      word,
      again: this.#span(againMs ?? 0),
      ago: this.#span(now - (saidAt ?? now)),
      age: this.#span(list.minAccountAgeMs ?? 0),
      found: imitates ?? '',
      ...sizes(question),
      permission: list.permission ?? '',
      rooms: named(callRoomsOf(list, this.#config())),
    };
  }

  /** Takes note of one more, and says so; null: nobody is warned. */
  #warn({ question: { person, now }, record, name }: About): string | null {
    const { warnings: rules, texts } = this.#config().broadcasts;
    if (rules === null) return null;
    const warned = warn(record, rules, now);
    const people = this.#ledger.ownPeople();
    const own = offended({ ...(people.get(person) ?? INNOCENT), name: cleanName(name) }, warned, now);
    const kept = [...new Map([...people, [person, own]])].flatMap(([id, each]) => {
      const left = remaining(each, rules, now);
      return left === null ? [] : [[id, left] as const];
    });
    this.#ledger.keepPeople(fewEnough(kept));
    const values = { warning: String(warned.warning), limit: String(rules.limit) };
    if (warned.mute === null) return fill(texts.warning, values);
    return fill(texts.mutedNow, { ...values, again: this.#span(warned.mute.until - now) });
  }

  #span(ms: number): string {
    return spanOf(ms, this.#config().broadcasts.language);
  }
}

/** In characters, or in bytes when that is what makes the line too long. */
function sizes({ list, text, lineBytes }: Question): Values {
  const characters = lengthOf(text);
  if (characters > list.maxLength || lineBytes <= MAX_LINE_BYTES) {
    return { length: String(characters), max: String(list.maxLength) };
  }
  const bytes = byteLength(text);
  return { length: `${bytes} B`, max: `${Math.max(0, MAX_LINE_BYTES - (lineBytes - bytes))} B` };
}

function fewEnough(people: readonly (readonly [string, PersonRecord])[]): People {
  if (people.length <= MAX_PEOPLE) return new Map(people);
  return new Map([...people].sort(([, a], [, b]) => weight(b) - weight(a)).slice(0, MAX_PEOPLE));
}

/** A mute weighs until it ends. */
function weight({ warnings, mutes }: PersonRecord): number {
  return Math.max(0, ...warnings, ...mutes.map(({ until }) => until));
}

function named(rooms: readonly string[]): string {
  const more = rooms.length - MAX_NAMED;
  return more > 0 ? `${rooms.slice(0, MAX_NAMED).join(', ')}, +${more}` : rooms.join(', ');
}

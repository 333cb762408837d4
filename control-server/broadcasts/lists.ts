/** Calls of the lists: decided and counted here, then said. */
import type { BroadcastListConfig, ParleyConfig } from '../../src/config/index.js';
import { byteLength } from '../../src/message/index.js';
import type { Answer, Call, Caller } from '../call.js';
import { type Access, CommandError } from '../command.js';
import { cleanText } from './clean.js';
import { imitated, lineOf } from './format.js';
import type { Ledger } from './ledger.js';
import { together } from './offences.js';
import { callRoomsOf, originOf, personOf, placeOf } from './places.js';
import type { Replies } from './replies.js';
import type { ListRecord, Said } from './shapes.js';
import type { Speaker } from './speaker.js';
import { type Past, type Question, type Refused, reachMs, refusalOf } from './verdict.js';

export interface ListsOptions {
  readonly config: () => ParleyConfig;
  readonly access: Access;
  readonly ledger: Ledger;
  readonly speaker: Speaker;
  readonly replies: Replies;
  readonly isRecordYoungerThan: (ageMs: number) => boolean;
  readonly now: () => number;
}

const NOBODY: Refused = { reason: 'nobody', againMs: null, warns: false };
const NOTHING_MORE: Answer = { lines: [] };

export class Lists {
  readonly #options: ListsOptions;

  constructor(options: ListsOptions) {
    this.#options = options;
  }

  /**
   * `word`: as people type it, `.qw`. Whatever is answered goes to the caller alone, and nothing is where they read the
   * line itself.
   */
  async call(name: string, word: string, call: Call): Promise<Answer> {
    const { config, speaker, replies, now } = this.#options;
    const { caller } = call;
    const list = config().broadcasts.lists.find((each) => each.name === name);
    if (list === undefined) throw new CommandError(`There is no list ${name} any more: see "broadcasts".`);
    const question = this.#questionOf(list, call, now());
    const past = this.#pastOf(list, caller, question);
    const rooms = speaker.roomsOf(list, caller, question.now);
    const refused = refusalOf(question, past) ?? (rooms.length === 0 ? NOBODY : null);
    if (refused !== null) {
      this.#countRefused(list, refused, past.own);
      return replies.refused(refused, { list, word, question, record: past.record, name: caller.name });
    }
    const said = this.#keep(question, past.own);
    const line = lineOf(list, originOf(caller), question.text);
    if (list.dryRun) return replies.dryRun(list, rooms, line);
    if (!(await speaker.say({ list, rooms, call, line, now: question.now }))) {
      this.#takeBack(list, said);
      return replies.failed(list);
    }
    return speaker.isHeard(rooms, caller) ? NOTHING_MORE : replies.done(list, rooms);
  }

  #questionOf(list: BroadcastListConfig, { caller, text }: Call, now: number): Question {
    const { config, access } = this.#options;
    const clean = cleanText(text);
    const callable = callRoomsOf(list, config());
    const here = caller.rooms.find((room) => callable.includes(room)) ?? null;
    const scope = { network: caller.network, room: here };
    const since = this.#ageOf(caller, list);
    return {
      list,
      now,
      channel: placeOf(caller),
      mayCallHere: here !== null,
      person: personOf(caller, access),
      verified: caller.verified,
      rank: caller.rank,
      permitted: list.permission === null || access.refusal(caller, list.permission, scope) === null,
      accountSince: since,
      text: clean,
      lineBytes: byteLength(lineOf(list, originOf(caller), clean)),
      imitates: imitated(clean, config().broadcasts.lists),
    };
  }

  #ageOf({ accountSince = '' }: Caller, { minAccountAgeMs }: BroadcastListConfig): number | null {
    const since = Date.parse(accountSince);
    if (Number.isNaN(since) || minAccountAgeMs === null) return null;
    return this.#options.isRecordYoungerThan(minAccountAgeMs) ? null : since;
  }

  #pastOf(list: BroadcastListConfig, { network, channel }: Caller, { person, now }: Question): Past {
    const { config, ledger } = this.#options;
    const oldest = now - reachMs(list);
    return {
      said: ledger.records(list.name).flatMap((record) => record.said),
      own: ledger.own(list.name).said.filter(({ time }) => time > oldest),
      record: together(ledger.personRecords(person)),
      warnings: config().broadcasts.warnings,
      pause: ledger.pauseOf(list.name),
      optedOut: network !== null && channel !== null && ledger.isOut(list.name, network, channel),
    };
  }

  /** Known at once to every later call here, and on its way to the other gateways. */
  #keep({ list, now, person, channel, text }: Question, recent: readonly Said[]): Said {
    const { ledger } = this.#options;
    const said = { time: now, person, channel: channel ?? '', text };
    const { called, told, refused } = ledger.own(list.name);
    const record = { called: called + 1, told: told + 1, refused, said: [...recent, said] };
    ledger.keep(list.name, record, true);
    return said;
  }

  #countRefused({ name }: BroadcastListConfig, { reason }: Refused, said: readonly Said[]): void {
    const { ledger } = this.#options;
    const record = ledger.own(name);
    ledger.keep(
      name,
      { ...record, said, called: record.called + 1, refused: oneMore(record, reason) },
      false,
    );
  }

  /** What was never said holds nobody up. */
  #takeBack({ name }: BroadcastListConfig, said: Said): void {
    const { ledger } = this.#options;
    const record = ledger.own(name);
    const others = record.said.filter((one) => one !== said);
    const refused = oneMore(record, 'failed');
    ledger.keep(name, { ...record, said: others, told: record.told - 1, refused }, true);
  }
}

function oneMore({ refused }: ListRecord, reason: Refused['reason']): ListRecord['refused'] {
  return { ...refused, [reason]: (refused[reason] ?? 0) + 1 };
}

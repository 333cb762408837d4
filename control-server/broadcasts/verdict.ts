/** Whether a call is said. Pure: the call, what the config allows and what is known of the past come in. */
import type { BroadcastListConfig, WarningsConfig } from '../../src/config/index.js';
import { lengthOf } from './clean.js';
import { MAX_LINE_BYTES } from './format.js';
import { similarity } from './likeness.js';
import { mutedUntil } from './offences.js';
import { quietestUntil } from './quiet.js';
import { MAX_SAID, type Pause, type PersonRecord, type Refusal, type Said } from './shapes.js';

export interface Question {
  readonly list: BroadcastListConfig;
  /** Ms since 1970. */
  readonly now: number;
  /** Null: said to us alone. */
  readonly channel: string | null;
  readonly mayCallHere: boolean;
  readonly person: string;
  readonly verified: boolean;
  readonly rank: 'operator' | 'voice' | null;
  /** They have what `list.permission` asks for. */
  readonly permitted: boolean;
  /** Since when they have their account; null: the network does not tell. */
  readonly accountSince: number | null;
  /** Clean. */
  readonly text: string;
  /** Of the whole line, in UTF-8. */
  readonly lineBytes: number;
  /** What it imitates, or null. */
  readonly imitates: string | null;
}

export interface Past {
  /** What was said of the list, by any gateway, in no order. */
  readonly said: readonly Said[];
  /** What of it this gateway has to keep. */
  readonly own: readonly Said[];
  readonly record: PersonRecord;
  readonly warnings: WarningsConfig | null;
  readonly pause: Pause | null;
  readonly optedOut: boolean;
}

export interface Refused {
  readonly reason: Refusal;
  /** After how many ms it may be tried again; null: time changes nothing. */
  readonly againMs: number | null;
  /** It counts towards a mute. */
  readonly warns: boolean;
  /** When what it repeats was said. */
  readonly saidAt?: number;
}

/** Null: it is to be said. */
export function refusalOf(question: Question, past: Past): Refused | null {
  return (
    whereRefused(question) ??
    whoRefused(question) ??
    accountRefused(question) ??
    standingRefused(question, past) ??
    textRefused(question) ??
    waitRefused(question, past)
  );
}

/** How far back the limits of a list reach, ms. */
export function reachMs({ cooldown, repeats }: BroadcastListConfig): number {
  return Math.max(cooldown.personMs, cooldown.channelMs, cooldown.overallMs, repeats.withinMs);
}

function refused(reason: Refusal, againMs: number | null = null): Refused {
  return { reason, againMs, warns: false };
}

function whereRefused({ channel, mayCallHere }: Question): Refused | null {
  if (channel === null) return refused('private');
  return mayCallHere ? null : refused('room');
}

function whoRefused({ list, verified, rank, permitted }: Question): Refused | null {
  if (list.who === 'verified' && !verified) return refused('unverified');
  if (list.who === 'voiced' && rank === null) return refused('voiced');
  if (list.who === 'operators' && rank !== 'operator') return refused('operators');
  return permitted ? null : refused('permission');
}

function accountRefused({ list, now, verified, accountSince }: Question): Refused | null {
  const { minAccountAgeMs: wanted, whenAgeUnknown } = list;
  if (wanted === null) return null;
  if (accountSince !== null) {
    const lacking = wanted - (now - accountSince);
    return lacking > 0 ? refused('young', lacking) : null;
  }
  const mayAnyway = whenAgeUnknown === 'allow' || (whenAgeUnknown === 'verified' && verified);
  return mayAnyway ? null : refused('ageless');
}

function standingRefused({ list, now }: Question, past: Past): Refused | null {
  const muted = past.warnings === null ? null : mutedUntil(past.record, past.warnings, now);
  if (muted !== null) return refused('muted', muted - now);
  const { pause } = past;
  if (pause !== null && pause.until === null) return refused('pausedForGood');
  if (pause !== null && pause.until !== null && pause.until > now)
    return refused('paused', pause.until - now);
  if (past.optedOut) return refused('optedOut');
  const quiet = quietestUntil(list.quiet, now);
  return quiet === null ? null : refused('quiet', quiet - now);
}

function textRefused({ list, text, lineBytes, imitates }: Question): Refused | null {
  if (text === '') return refused('empty');
  if (lengthOf(text) > list.maxLength || lineBytes > MAX_LINE_BYTES) return refused('long');
  return imitates === null ? null : { ...refused('forged'), warns: true };
}

/** Of all that is to be waited for, the longest: who waits for it is not told to wait once more. */
function waitRefused(question: Question, past: Past): Refused | null {
  const waits = [
    ...cooldownsOf(question, past.said),
    ...repeatsOf(question, past.said),
    ...fullOf(question, past),
  ];
  const [longest] = [...waits].sort((a, b) => (b.againMs ?? 0) - (a.againMs ?? 0));
  return longest === undefined ? null : { ...longest, warns: waits.some(({ warns }) => warns) };
}

function cooldownsOf(question: Question, said: readonly Said[]): readonly Refused[] {
  const { list, person, channel } = question;
  const { personMs, channelMs, overallMs } = list.cooldown;
  return [
    ...waitFor(
      'person',
      said.filter((one) => one.person === person),
      personMs,
      question.now,
      true,
    ),
    ...waitFor(
      'channel',
      said.filter((one) => one.channel === channel),
      channelMs,
      question.now,
      false,
    ),
    ...waitFor('overall', said, overallMs, question.now, false),
  ];
}

function waitFor(
  reason: Refusal,
  said: readonly Said[],
  cooldownMs: number,
  now: number,
  warns: boolean,
): readonly Refused[] {
  const last = Math.max(Number.NEGATIVE_INFINITY, ...said.map(({ time }) => time));
  const wait = waitMs(last, cooldownMs, now);
  return wait === 0 ? [] : [{ reason, againMs: wait, warns }];
}

/** What a clock that goes ahead dated into the future holds nobody up for longer than the limit itself. */
function waitMs(last: number, limitMs: number, now: number): number {
  return Math.max(0, limitMs - Math.max(0, now - last));
}

function repeatsOf({ list, text, now }: Question, said: readonly Said[]): readonly Refused[] {
  const { withinMs, similarity: enough } = list.repeats;
  return said.flatMap((one): readonly Refused[] => {
    const wait = waitMs(one.time, withinMs, now);
    if (wait === 0 || similarity(one.text, text) < enough) return [];
    return [{ reason: 'repeat', againMs: wait, warns: true, saidAt: one.time }];
  });
}

function fullOf({ list, now }: Question, { own }: Past): readonly Refused[] {
  if (own.length < MAX_SAID) return [];
  const oldest = Math.min(...own.map(({ time }) => time));
  return [refused('full', Math.max(1, oldest + reachMs(list) - now))];
}

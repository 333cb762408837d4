/** Bans in words, one line each. What people wrote stands in them as one line without control characters. */
import { cutBytes, oneLine } from '../../src/message/index.js';
import type { Scope } from '../command.js';
import { lengthWords } from '../duration.js';
import { minuteOf } from './duration.js';
import type { Hits } from './hits.js';
import { type Ban, type Effect, endOf, isInForce, type Match } from './types.js';

/** What it matches, as one may write it behind `unban`. */
export function targetOf(match: Match): string {
  switch (match.by) {
    case 'author':
    case 'identity':
      return match.author;
    case 'mask':
      return match.mask;
    case 'ip':
      return match.range;
    case 'nick':
      return match.glob;
    case 'text':
      return match.pattern;
  }
}

export function matchWords(match: Match): string {
  const target = oneLine(targetOf(match));
  if (match.by === 'identity') return `${target} and linked accounts`;
  if (match.by === 'nick') return `nick ${target}`;
  if (match.by === 'text') return `text /${target}/`;
  return target;
}

export function scopeWords({ network, room }: Scope): string {
  if (room !== null) return network === null ? `in ${room}` : `in ${room} from ${network}`;
  return network === null ? 'everywhere' : `on ${network}`;
}

/** `b3k7xq ban irc:quakenet:account:bob in quakeworld, 23h left, by zappater: spam (12 hits)`. */
export function banLine(ban: Ban, hits: Hits | null, now: number): string {
  const dry = ban.dryRun ? ' (dry run)' : '';
  const count = hits === null ? '' : ` (${counted(hits.count, 'hit')} here)`;
  const why = ban.reason === '' ? '' : `: ${oneLine(ban.reason)}`;
  return `${ban.id} ${ban.kind}${dry} ${matchWords(ban.match)} ${scopeWords(ban.scope)}, ${endWords(ban, now)}, by ${oneLine(ban.by.name)}${why}${count}`;
}

export function endWords(ban: Ban, now: number): string {
  const end = endOf(ban);
  if (isInForce(ban, now)) return end === null ? 'permanent' : `${lengthWords(end - now)} left`;
  if (ban.lifted !== null && end === Date.parse(ban.lifted.at)) {
    const why = ban.lifted.reason === '' ? '' : ` (${oneLine(ban.lifted.reason)})`;
    return `lifted ${minuteOf(ban.lifted.at)} by ${oneLine(ban.lifted.by.name)}${why}`;
  }
  return `expired ${minuteOf(new Date(end ?? now).toISOString())}`;
}

/** Everything about one. `hits`: of every gateway that answered. */
export function banLines(
  ban: Ban,
  effects: readonly Effect[],
  hits: readonly Hits[],
  now: number,
): readonly string[] {
  return [
    banLine(ban, null, now),
    `Set ${minuteOf(ban.at)} by ${oneLine(ban.by.author)}${ban.until === null ? '' : `, until ${minuteOf(ban.until)}`}.`,
    hitsLine(ban, hits),
    ...effects.map(effectLine),
  ];
}

function hitsLine({ dryRun }: Ban, hits: readonly Hits[]): string {
  const count = hits.reduce((sum, each) => sum + each.count, 0);
  const last = hits
    .map((each) => each.last)
    .sort()
    .at(-1);
  const verb = dryRun ? 'Would have refused' : 'Refused';
  return last === undefined
    ? `${verb} nothing yet.`
    : `${verb} ${counted(count, 'event')}, the last ${minuteOf(last)}.`;
}

function effectLine({ network, channel, mask, state, why, at }: Effect): string {
  const place = oneLine(`${network} ${channel}`);
  if (state === 'failed') return `${place}: not applied: ${oneLine(why)} (${minuteOf(at)})`;
  return `${place}: ${oneLine(mask)} ${state === 'applied' ? 'set' : 'removed'} ${minuteOf(at)}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const QUOTED_BYTES = 80;

/** A word as somebody wrote it, for an answer. */
export function quoted(word: string): string {
  return `"${cutBytes(oneLine(word), QUOTED_BYTES, '…')}"`;
}

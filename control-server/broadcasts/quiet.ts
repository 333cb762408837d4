/**
 * Quiet hours by the clock on the wall of a time zone.
 *
 * In spring the clock jumps over an hour and in autumn it shows one twice. What counts is what it shows: hours that end
 * at 02:30 end with the jump from 02:00 to 03:00; in the hour that comes twice, both are quiet or neither.
 */
import type { QuietHours } from '../../src/config/index.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/** When the hours end, ms since 1970, or null: it is not quiet at `now`. */
export function quietUntil(hours: QuietHours, now: number): number | null {
  const left = quietFor(hours, now);
  if (left === null) return null;
  const end = now + left;
  const offset = offsetMs(hours.zone, now);
  if (offsetMs(hours.zone, end) === offset) return end;
  const jump = firstOther(hours.zone, now, end, offset);
  return quietUntil(hours, jump) ?? jump;
}

/** When none of the hours holds any more, also of those that begin meanwhile; null: it is not quiet at `now`. */
export function quietestUntil(all: readonly QuietHours[], now: number): number | null {
  let end: number | null = null;
  // Hours that leave no gap have no end: two days are enough to say so.
  while (end === null || end < now + 2 * DAY_MS) {
    const from: number = end ?? now;
    const ends = all.map((hours) => quietUntil(hours, from)).filter((each) => each !== null);
    if (ends.length === 0) return end;
    end = Math.max(...ends);
  }
  return end;
}

/** How long until they end when the clock is not set meanwhile, ms. */
function quietFor({ fromMinute, toMinute, zone }: QuietHours, now: number): number | null {
  const [from, to] = [fromMinute * MINUTE_MS, toMinute * MINUTE_MS];
  const shown = modulo(now + offsetMs(zone, now), DAY_MS);
  const isQuiet = from < to ? shown >= from && shown < to : shown >= from || shown < to;
  return isQuiet ? modulo(to - shown, DAY_MS) || DAY_MS : null;
}

/** The first ms after `start` at which the zone has another offset than at `start`: it has at `end`. */
function firstOther(zone: string, start: number, end: number, offset: number): number {
  let [same, other] = [start, end];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetMs(zone, middle) === offset) same = middle;
    else other = middle;
  }
  return other;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clock shows is so much ahead of UTC, ms. */
function offsetMs(zone: string, at: number): number {
  const second = Math.floor(at / 1000) * 1000;
  const parts = new Map(
    clockOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - second;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, made);
  return made;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

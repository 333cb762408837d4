import test from 'ava';
import fc from 'fast-check';
import { quietestUntil, quietUntil } from '../../../control-server/broadcasts/quiet.js';
import type { QuietHours } from '../../../src/config/index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONES = Intl.supportedValuesOf('timeZone');
const clocks = new Map<string, Intl.DateTimeFormat>();

/** `HH:MM` as the zone's clock shows it, in minutes: by another way than the code has. */
function shownMinute(zone: string, at: number): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short', hourCycle: 'h23' });
  clocks.set(zone, clock);
  const [hour = '', minute = ''] = clock.format(at).split(':');
  return Number(hour) * 60 + Number(minute);
}

function isQuiet({ fromMinute: from, toMinute: to, zone }: QuietHours, at: number): boolean {
  const minute = shownMinute(zone, at);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function hours(from: string, to: string, zone: string): QuietHours {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return { fromMinute: minutes(from), toMinute: minutes(to), zone };
}

/** It ends where it says, not before and not after. */
function holds(quiet: QuietHours, now: number, stepMs: number): string | null {
  const until = quietUntil(quiet, now);
  if (until === null) return isQuiet(quiet, now) ? 'quiet, and not told' : null;
  if (!isQuiet(quiet, now)) return 'told, and not quiet';
  if (until <= now || until > now + DAY + 3 * HOUR) return `ends at ${until - now}`;
  if (isQuiet(quiet, until)) return 'quiet at its end';
  for (let at = now; at < until; at += stepMs) if (!isQuiet(quiet, at)) return 'ends before';
  return isQuiet(quiet, until - 1) ? null : 'ends before';
}

test('quiet - in every time zone the hours end when its clock says so, for any hours and time', (t) => {
  const year = { min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) };
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), minute, minute, fc.integer(year), (zone, from, to, now) => {
      fc.pre(from !== to);
      t.is(holds({ zone, fromMinute: from, toMinute: to }, now, 10 * MINUTE), null, zone);
    }),
    { numRuns: 300 },
  );
});

/** The hours of 2026 in which the zone's clock is set. */
function changesOf(zone: string): readonly number[] {
  const offset = (at: number) => {
    const shown = shownMinute(zone, at) - Math.floor((at % DAY) / MINUTE);
    return (shown + 1440) % 1440;
  };
  const changes: number[] = [];
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += DAY) {
    if (offset(at) === offset(at + DAY)) continue;
    let hour = at;
    while (offset(hour) === offset(hour + HOUR / 2)) hour += HOUR / 2;
    changes.push(hour + HOUR / 2);
  }
  return changes;
}

test('quiet - on the days when a zone sets its clock, in all zones that do', (t) => {
  let checked = 0;
  for (const zone of ZONES) {
    for (const change of changesOf(zone)) {
      const shown = shownMinute(zone, change);
      for (const [from, to] of [
        [1380, (shown + 1410) % 1440],
        [1380, (shown + 15) % 1440],
        [(shown + 1380) % 1440, (shown + 240) % 1440],
      ] as const) {
        const quiet = { zone, fromMinute: from, toMinute: to };
        for (const now of [change - 90 * MINUTE, change - 1, change, change + 45 * MINUTE]) {
          t.is(holds(quiet, now, 15 * MINUTE), null, `${zone} ${new Date(now).toISOString()} ${from}-${to}`);
          checked += 1;
        }
      }
    }
  }
  t.true(checked > 1000, String(checked));
});

test('quiet - hours over midnight last until the morning, and are none shorter in winter', (t) => {
  const stockholm = hours('23:00', '08:00', 'Europe/Stockholm');
  t.is(quietUntil(stockholm, Date.parse('2026-07-01T21:00:00Z')), Date.parse('2026-07-02T06:00:00Z'));
  t.is(quietUntil(stockholm, Date.parse('2026-12-01T22:00:00Z')), Date.parse('2026-12-02T07:00:00Z'));
  t.is(quietUntil(stockholm, Date.parse('2026-07-01T20:59:59Z')), null);
  t.is(quietUntil(stockholm, Date.parse('2026-07-02T06:00:00Z')), null);
});

test('quiet - an end that the clock jumps over is the jump', (t) => {
  // In Stockholm the clock goes from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
  const quiet = hours('01:00', '02:30', 'Europe/Stockholm');
  t.is(quietUntil(quiet, Date.parse('2026-03-29T00:30:00Z')), Date.parse('2026-03-29T01:00:00Z'));
});

test('quiet - hours that follow one another are told as one, and those without an end do not hang', (t) => {
  const now = Date.parse('2026-07-01T22:30:00Z');
  const follow = [hours('22:00', '02:00', 'UTC'), hours('02:00', '06:00', 'UTC')];
  t.is(quietestUntil(follow, now), Date.parse('2026-07-02T06:00:00Z'));
  const always = [hours('00:00', '12:00', 'UTC'), hours('12:00', '00:00', 'UTC')];
  t.true((quietestUntil(always, now) ?? 0) > now + DAY);
  t.is(quietestUntil([], now), null);
});

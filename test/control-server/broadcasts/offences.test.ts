import test from 'ava';
import fc from 'fast-check';
import {
  INNOCENT,
  mutedUntil,
  offended,
  remaining,
  together,
  warn,
} from '../../../control-server/broadcasts/offences.js';
import type { PersonRecord } from '../../../control-server/broadcasts/shapes.js';
import type { WarningsConfig } from '../../../src/config/index.js';

const MINUTE = 60_000;
const RULES: WarningsConfig = {
  limit: 3,
  withinMs: 30 * MINUTE,
  muteMs: 10 * MINUTE,
  longestMs: 60 * MINUTE,
  forgetMs: 24 * 60 * MINUTE,
};
const START = Date.UTC(2026, 0, 1);

/** As a gateway goes about it: who is muted is not warned. */
function offend(record: PersonRecord, now: number, rules = RULES): PersonRecord {
  if (mutedUntil(record, rules, now) !== null) return record;
  return remaining(offended(record, warn(record, rules, now), now), rules, now) ?? INNOCENT;
}

test('offences - the third warning within the time is a mute', (t) => {
  const twice = offend(offend(INNOCENT, START), START + 1);
  t.is(mutedUntil(twice, RULES, START + 2), null);
  const thrice = offend(twice, START + 2);
  t.is(mutedUntil(thrice, RULES, START + 3), START + 2 + RULES.muteMs);
});

test('offences - warnings that are far apart never mute', (t) => {
  let record = INNOCENT;
  for (let i = 0; i < 20; i += 1) {
    record = offend(record, START + i * 16 * MINUTE);
    t.is(mutedUntil(record, RULES, START + i * 16 * MINUTE), null);
  }
});

test('offences - each mute is twice as long up to the longest, and a first again when forgotten', (t) => {
  let record = INNOCENT;
  let now = START;
  const lengths: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    for (let i = 0; i < 3; i += 1) record = offend(record, now + i);
    const until = mutedUntil(record, RULES, now + 2) ?? 0;
    lengths.push((until - now - 2) / MINUTE);
    now = until + 1;
  }
  t.deepEqual(lengths, [10, 20, 40, 60, 60]);
  now += RULES.forgetMs;
  for (let i = 0; i < 3; i += 1) record = offend(record, now + i);
  t.is(mutedUntil(record, RULES, now + 3), now + 2 + RULES.muteMs);
});

test('offences - a mute always ends, whatever is done meanwhile and however often', (t) => {
  const gaps = fc.array(fc.integer({ min: 0, max: 20 * MINUTE }), { minLength: 1, maxLength: 60 });
  const rules = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    withinMs: fc.integer({ min: 1, max: 60 * MINUTE }),
    muteMs: fc.integer({ min: 1, max: 30 * MINUTE }),
    longestMs: fc.integer({ min: 1, max: 120 * MINUTE }),
    forgetMs: fc.integer({ min: 0, max: 48 * 60 * MINUTE }),
  });
  fc.assert(
    fc.property(gaps, rules, (waits, given) => {
      let record = INNOCENT;
      let now = START;
      for (const wait of waits) {
        now += wait;
        const before = mutedUntil(record, given, now);
        record = offend(record, now, given);
        const until = mutedUntil(record, given, now);
        if (before !== null) t.is(until, before, 'offences while muted do not make it longer');
        if (until === null) continue;
        t.true(until - now <= given.longestMs);
        t.is(mutedUntil(record, given, until), null);
      }
    }),
  );
});

test('offences - a mute by a gateway whose clock is ahead is no longer than the longest', (t) => {
  const record = { ...INNOCENT, mutes: [{ since: START * 2, until: START * 2 + MINUTE }] };
  t.is(mutedUntil(record, RULES, START), START + RULES.longestMs);
});

test('offences - the records of all gateways count together, in any order, and two mutes at once as one', (t) => {
  const one: PersonRecord = { ...INNOCENT, warnings: [START, START + 1] };
  const other: PersonRecord = { ...INNOCENT, warnings: [START + 2] };
  t.deepEqual(warn(together([one, other]), RULES, START + 3).warning, 4);
  t.not(warn(together([other, one]), RULES, START + 3).mute, null);
  const mute = { since: START, until: START + 10 * MINUTE };
  const muted = together([
    { ...INNOCENT, mutes: [mute] },
    { ...INNOCENT, mutes: [{ ...mute, since: START + 5 }] },
  ]);
  const next = START + 11 * MINUTE;
  const again = { ...muted, warnings: [next, next] };
  t.is(warn(again, RULES, next).mute?.until, next + 20 * MINUTE);
});

test('offences - who was pardoned begins anew, and the pardon itself is forgotten', (t) => {
  let record = INNOCENT;
  for (let i = 0; i < 3; i += 1) record = offend(record, START + i);
  const pardoned = { ...INNOCENT, pardoned: START + 10 };
  const after = together([record, pardoned]);
  t.is(mutedUntil(after, RULES, START + 11), null);
  t.is(warn(after, RULES, START + 11).warning, 1);
  t.is(remaining(pardoned, RULES, START + 10 + RULES.forgetMs + 1), null);
});

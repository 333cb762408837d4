import test from 'ava';
import fc from 'fast-check';
import { BanIndex } from '../../../control-server/bans/ban-index.js';
import { BanTable } from '../../../control-server/bans/ban-table.js';
import { compileMatch } from '../../../control-server/bans/matcher.js';
import { parseMatch } from '../../../control-server/bans/stored.js';
import { TextBudget } from '../../../control-server/bans/text-pattern.js';
import type { Match, Speaker } from '../../../control-server/bans/types.js';
import { makeBan, speaker } from './made.js';

const budget = () => new TextBudget(() => {});
const identityOf = (author: string) => (author.endsWith('a') ? 'person' : null);

const word = fc.string({ unit: fc.constantFrom('a', 'B', '[', '{'), minLength: 1, maxLength: 3 });
const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '['), minLength: 1, maxLength: 3 });
const ip = fc
  .tuple(fc.constantFrom('192.0.2.', '198.51.100.'), fc.integer({ min: 0, max: 7 }))
  .map(([head, tail]) => `${head}${tail}`);
const match: fc.Arbitrary<Match> = fc.oneof(
  word.map((name) => ({ by: 'author' as const, author: `irc:net:account:${name}` })),
  fc.constant({ by: 'identity' as const, identity: 'person', author: 'irc:net:account:a' }),
  fc
    .tuple(glob, glob, glob)
    .map(([nick, user, host]) => ({ by: 'mask' as const, mask: `${nick}!${user}@${host}` })),
  word.map((host) => ({ by: 'mask' as const, mask: `*!*@${host}` })),
  glob.map((text) => ({ by: 'nick' as const, glob: text })),
  fc
    .tuple(ip, fc.constantFrom('', '/24', '/30', '/31'))
    .map(([head, tail]) => ({ by: 'ip' as const, range: head + tail })),
  word.map((text) => ({ by: 'text' as const, pattern: text.replaceAll(/[[{]/g, 'c') })),
);
const someone: fc.Arbitrary<Speaker> = fc
  .tuple(word, word, word, fc.option(ip))
  .map(([name, user, host, address]) =>
    speaker({ author: `irc:net:account:${name}`, name, mask: `${name}!${user}@${host}`, address }),
  );

test('ban index - finds the bans that match by themselves, whatever was set and taken out before', (t) => {
  const setting = fc.tuple(match, fc.boolean());
  fc.assert(
    fc.property(fc.array(setting, { maxLength: 20 }), someone, word, (settings, who, text) => {
      const index = new BanIndex(identityOf, budget());
      const bans = settings
        .filter(([each]) => parseMatch(each) !== null)
        .map(([each, stays], at) => ({
          ban: makeBan({ id: `b0000${at.toString(36)}`, match: each }),
          stays,
        }));
      for (const { ban } of bans) index.set(ban);
      for (const { ban, stays } of bans) if (!stays) index.delete(ban.id);
      const expected = bans
        .filter(({ ban, stays }) => stays && compileMatch(ban.match, identityOf)(who, text))
        .map(({ ban }) => ban.id);
      const found = index.matching(who, () => text).map(({ id }) => id);
      t.deepEqual(found.sort(), expected.sort());
    }),
    { numRuns: 500 },
  );
});

test('ban table - a ban ends at its time, though nobody told so', (t) => {
  let now = Date.parse('2026-11-25T00:00:00.000Z');
  const table = new BanTable(identityOf, budget(), () => now);
  const who = speaker({ author: 'irc:net:account:bob' });
  const until = new Date(now + 60_000).toISOString();
  table.set(makeBan({ id: 'b00001', match: { by: 'author', author: 'irc:net:account:bob' }, until }));
  const found = () => table.matching(who, () => '').length;
  t.is(found(), 1);
  now += 59_999;
  t.is(found(), 1);
  now += 1;
  t.is(found(), 0);
  t.deepEqual(table.inForce(), []);
  t.is(table.all().length, 1);
});

test('ban table - what was lifted is not put in force by an older copy', (t) => {
  const table = new BanTable(identityOf, budget(), () => Date.parse('2026-11-25T00:00:00.000Z'));
  const ban = makeBan({ id: 'b00001', match: { by: 'nick', glob: 'bob' } });
  const lifted = { by: { author: 'x', name: 'x' }, at: '2026-11-24T00:00:00.000Z', reason: '' };
  table.set({ ...ban, lifted });
  table.set(ban);
  t.deepEqual(
    table.matching(speaker({ name: 'bob' }), () => ''),
    [],
  );
});

test('ban index - with 1,000 exact bans a line costs microseconds', (t) => {
  const index = new BanIndex(() => null, budget());
  for (let n = 0; n < 1_000; n += 1) {
    index.set(makeBan({ id: `b${n.toString(36).padStart(5, '0')}`, match: exact(n) }));
  }
  const who = speaker({
    author: 'irc:net:account:nobody',
    name: 'nobody',
    mask: 'nobody!u@host.example',
    address: '203.0.113.9',
  });
  const rounds = 5_000;
  const times = Array.from({ length: 6 }, () => {
    const begun = performance.now();
    for (let n = 0; n < rounds; n += 1) index.matching(who, () => 'some words that are said');
    return ((performance.now() - begun) * 1_000) / rounds;
  });
  // The others met the compiler, or another process.
  const microseconds = Math.min(...times);
  t.log(`${microseconds.toFixed(2)} µs a line`);
  // A scan of all would take hundreds; a busy machine may make it ten times of what it is.
  t.true(microseconds < 100, `${microseconds} µs`);
});

function exact(n: number): Match {
  if (n % 4 === 0) return { by: 'author', author: `irc:net:account:user${n}` };
  if (n % 4 === 1) return { by: 'mask', mask: `*!*@host${n}.example` };
  if (n % 4 === 2) return { by: 'nick', glob: `nick${n}` };
  return { by: 'ip', range: `10.0.${n >> 8}.${n & 255}` };
}

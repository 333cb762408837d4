import test from 'ava';
import fc from 'fast-check';
import { INNOCENT } from '../../../control-server/broadcasts/offences.js';
import { MAX_SAID, type Said } from '../../../control-server/broadcasts/shapes.js';
import { type Past, type Question, reachMs, refusalOf } from '../../../control-server/broadcasts/verdict.js';
import type { BroadcastListConfig } from '../../../src/config/index.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 25, 12);

const LIST: BroadcastListConfig = {
  name: 'qw',
  commands: ['.qw'],
  about: null,
  hear: null,
  call: null,
  who: 'anyone',
  permission: null,
  minAccountAgeMs: null,
  whenAgeUnknown: 'verified',
  cooldown: { personMs: 5 * MINUTE, channelMs: MINUTE, overallMs: MINUTE / 2 },
  repeats: { withinMs: 30 * MINUTE, similarity: 0.7 },
  maxLength: 200,
  format: '-{list}- {nick} - {channel} : {text}',
  maxAgeMs: 10 * MINUTE,
  echo: true,
  quiet: [],
  dryRun: false,
};

function ask(changes: Partial<Question> = {}, list: Partial<BroadcastListConfig> = {}): Question {
  return {
    list: { ...LIST, ...list },
    now: NOW,
    channel: 'quakenet #qw',
    mayCallHere: true,
    person: 'a',
    verified: false,
    rank: null,
    permitted: true,
    accountSince: null,
    text: '4on4, two more needed',
    lineBytes: 60,
    imitates: null,
    ...changes,
  };
}

function past(changes: Partial<Past> = {}): Past {
  return {
    said: [],
    own: [],
    record: INNOCENT,
    warnings: { limit: 3, withinMs: MINUTE, muteMs: MINUTE, longestMs: 5 * MINUTE, forgetMs: MINUTE },
    pause: null,
    optedOut: false,
    ...changes,
  };
}

function said(agoMs: number, changes: Partial<Said> = {}): Said {
  return { time: NOW - agoMs, person: 'x', channel: 'undernet #x', text: 'something else', ...changes };
}

function reasonFor(question: Question, before: Past = past()): string | null {
  return refusalOf(question, before)?.reason ?? null;
}

test('verdict - a call that nothing speaks against is said', (t) => {
  t.is(refusalOf(ask(), past({ said: [said(MINUTE)] })), null);
});

test('verdict - who may call: anyone, the verified, those with voice, operators, those with a permission', (t) => {
  t.is(reasonFor(ask({}, { who: 'verified' })), 'unverified');
  t.is(reasonFor(ask({ verified: true }, { who: 'verified' })), null);
  t.is(reasonFor(ask({}, { who: 'voiced' })), 'voiced');
  t.is(reasonFor(ask({ rank: 'voice' }, { who: 'voiced' })), null);
  t.is(reasonFor(ask({ rank: 'voice' }, { who: 'operators' })), 'operators');
  t.is(reasonFor(ask({ rank: 'operator' }, { who: 'operators' })), null);
  t.is(reasonFor(ask({ permitted: false })), 'permission');
});

test('verdict - where: not to us alone, and only from the rooms of the list', (t) => {
  t.is(reasonFor(ask({ channel: null })), 'private');
  t.is(reasonFor(ask({ mayCallHere: false })), 'room');
});

test('verdict - the age of the account counts where the network tells it, and else what the list says', (t) => {
  const list = { minAccountAgeMs: 10 * MINUTE };
  t.deepEqual(refusalOf(ask({ accountSince: NOW - MINUTE }, list), past()), {
    reason: 'young',
    againMs: 9 * MINUTE,
    warns: false,
  });
  t.is(reasonFor(ask({ accountSince: NOW - 10 * MINUTE }, list)), null);
  t.is(reasonFor(ask({}, list)), 'ageless');
  t.is(reasonFor(ask({ verified: true }, list)), null);
  t.is(reasonFor(ask({ verified: true }, { ...list, whenAgeUnknown: 'refuse' })), 'ageless');
  t.is(reasonFor(ask({}, { ...list, whenAgeUnknown: 'allow' })), null);
});

test('verdict - the muted, a paused list, a channel that opted out and quiet hours', (t) => {
  const muted = { ...INNOCENT, mutes: [{ since: NOW - 1, until: NOW + MINUTE }] };
  t.like(refusalOf(ask(), past({ record: muted })), { reason: 'muted', againMs: MINUTE });
  t.is(reasonFor(ask(), past({ record: muted, warnings: null })), null);
  const pause = { list: 'qw', by: 'a', until: NOW + MINUTE };
  t.like(refusalOf(ask(), past({ pause })), { reason: 'paused', againMs: MINUTE });
  t.is(reasonFor(ask(), past({ pause: { ...pause, until: null } })), 'pausedForGood');
  t.is(reasonFor(ask(), past({ pause: { ...pause, until: NOW } })), null);
  t.is(reasonFor(ask(), past({ optedOut: true })), 'optedOut');
  const quiet = [{ fromMinute: 11 * 60, toMinute: 13 * 60, zone: 'UTC' }];
  t.like(refusalOf(ask({}, { quiet }), past()), { reason: 'quiet', againMs: 60 * MINUTE });
});

test('verdict - the text: something, not too long, and no list but its own', (t) => {
  t.is(reasonFor(ask({ text: '' })), 'empty');
  t.is(reasonFor(ask({ text: 'x'.repeat(201) })), 'long');
  t.is(reasonFor(ask({ lineBytes: 381 })), 'long');
  t.like(refusalOf(ask({ imitates: '-spam-' }), past()), { reason: 'forged', warns: true });
});

test('verdict - cooldowns of person, channel and list say when it is allowed again', (t) => {
  const by = (changes: Partial<Said>) => past({ said: [said(10_000, changes)] });
  t.like(refusalOf(ask(), by({ person: 'a' })), {
    reason: 'person',
    againMs: 5 * MINUTE - 10_000,
    warns: true,
  });
  t.like(refusalOf(ask(), by({ channel: 'quakenet #qw' })), {
    reason: 'channel',
    againMs: 50_000,
    warns: false,
  });
  t.like(refusalOf(ask(), by({})), { reason: 'overall', againMs: 20_000, warns: false });
});

test('verdict - a repetition is refused whoever says it, and told for how long', (t) => {
  const before = past({ said: [said(10 * MINUTE, { text: '4ON4 two more needed!!' })] });
  t.deepEqual(refusalOf(ask(), before), {
    reason: 'repeat',
    againMs: 20 * MINUTE,
    warns: true,
    saidAt: NOW - 10 * MINUTE,
  });
  t.is(reasonFor(ask({}, { repeats: { withinMs: 0, similarity: 0.7 } }), before), null);
});

test('verdict - whoever waits as long as told is not told to wait again', (t) => {
  const history = fc.array(
    fc.record({
      agoMs: fc.integer({ min: 0, max: 40 * MINUTE }),
      person: fc.constantFrom('a', 'b'),
      channel: fc.constantFrom('quakenet #qw', 'undernet #x'),
      text: fc.constantFrom('4on4, two more needed', '4on4 two more needed!', 'duel?', 'ctf anybody'),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(history, (calls) => {
      const list = calls.map(({ agoMs, ...rest }) => said(agoMs, rest));
      const refused = refusalOf(ask(), past({ said: list }));
      const again = refused?.againMs ?? 0;
      t.is(refusalOf(ask({ now: NOW + again }), past({ said: list })), null);
      if (refused !== null) t.not(refusalOf(ask({ now: NOW + again - 1 }), past({ said: list })), null);
    }),
  );
});

test('verdict - never more than one call in a window of its cooldown, for any calls at any times', (t) => {
  const call = fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * MINUTE }),
    person: fc.constantFrom('a', 'b', 'c'),
    channel: fc.constantFrom('n #1', 'n #2'),
    text: fc.constantFrom(
      '4on4, two more needed',
      '4ON4 two more needed',
      'duel?',
      'ctf anybody',
      'prac now',
    ),
  });
  const cooldown = fc.record({
    personMs: fc.integer({ min: 0, max: 10 * MINUTE }),
    channelMs: fc.integer({ min: 0, max: 5 * MINUTE }),
    overallMs: fc.integer({ min: 0, max: 2 * MINUTE }),
  });
  fc.assert(
    fc.property(fc.array(call, { minLength: 10, maxLength: 80 }), cooldown, (calls, limits) => {
      const list = { ...LIST, cooldown: limits };
      let now = NOW;
      const kept: Said[] = [];
      for (const { afterMs, person, channel, text } of calls) {
        now += afterMs;
        const recent = kept.filter(({ time }) => time > now - reachMs(list));
        const question = ask({ now, person, channel, text }, list);
        if (refusalOf(question, past({ said: recent, own: recent })) !== null) continue;
        kept.push({ time: now, person, channel, text });
      }
      t.true(apart(kept, ({ person }) => person, limits.personMs));
      t.true(apart(kept, ({ channel }) => channel, limits.channelMs));
      t.true(apart(kept, () => '', limits.overallMs));
      t.true(apart(kept, ({ text }) => text.toLowerCase().replace(',', ''), LIST.repeats.withinMs));
    }),
  );
});

function apart(calls: readonly Said[], keyOf: (call: Said) => string, leastMs: number): boolean {
  const last = new Map<string, number>();
  return calls.every((call) => {
    const before = last.get(keyOf(call)) ?? Number.NEGATIVE_INFINITY;
    last.set(keyOf(call), call.time);
    return call.time - before >= leastMs;
  });
}

test('verdict - a call dated into the future holds nobody up for longer than the cooldown', (t) => {
  const refused = refusalOf(ask(), past({ said: [said(-60 * MINUTE, { person: 'a' })] }));
  t.like(refused, { reason: 'person', againMs: 5 * MINUTE });
});

test('verdict - a gateway that has too much to remember refuses rather than forget', (t) => {
  const own = Array.from({ length: MAX_SAID }, (_, i) => said(20 * MINUTE - i, { text: `text number ${i}` }));
  const question = ask({ text: 'duel, anybody?' });
  const refused = refusalOf(question, past({ said: own, own }));
  t.like(refused, { reason: 'full', againMs: 10 * MINUTE });
});

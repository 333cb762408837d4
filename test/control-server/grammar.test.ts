import test from 'ava';
import fc from 'fast-check';
import { grantCommand } from '../../control-server/access/commands/grant.js';
import { CommandError } from '../../control-server/command.js';
import { calledAlone, calledIn, flagsIn, type Marks, wordsOf } from '../../control-server/grammar.js';

const marks: Marks = {
  prefixes: ['!', '.'],
  self: 'Parley',
  wordOf: (word) => (word === '.qw' ? word : null),
};

test('grammar - a prefix and a word are a call, in any case', (t) => {
  t.deepEqual(calledIn('!Help seen', marks), { word: 'help', text: 'seen', byName: false });
  t.deepEqual(calledIn('  .status  ', marks), { word: 'status', text: '', byName: false });
});

test('grammar - what only looks like a call is none', (t) => {
  for (const line of [
    'hello',
    '!',
    '! help',
    '!!',
    '...',
    '!?',
    'say !help',
    '.5 is a half',
    `!${'a'.repeat(33)}`,
  ])
    t.is(calledIn(line, marks), null, line);
});

test('grammar - our name addresses us, somebody else’s does not', (t) => {
  for (const line of ['parley: help seen', 'Parley, help seen', '@parley help seen', 'parley: !help seen'])
    t.deepEqual(calledIn(line, marks), { word: 'help', text: 'seen', byName: true }, line);
  for (const line of ['parleys: help', 'parley help', 'bob: help', '@parleys help'])
    t.is(calledIn(line, marks), null, line);
});

test('grammar - a whole word is a call by itself, whatever the prefix', (t) => {
  t.deepEqual(calledIn('.qw 4on4, two more', { ...marks, prefixes: [] }), {
    word: '.qw',
    text: '4on4, two more',
    byName: false,
  });
});

test('grammar - all that is said to us alone is a call', (t) => {
  t.deepEqual(calledAlone('help', marks), { word: 'help', text: '', byName: true });
  t.is(calledAlone('!help', marks).word, 'help');
});

test('grammar - quotes and backslashes keep words together', (t) => {
  const words = (text: string) => wordsOf(text, '').args;
  t.deepEqual(words(`a "b c" 'd e' f\\ g`), ['a', 'b c', 'd e', 'f g']);
  t.deepEqual(words(`don't say "" now`), [`don't`, 'say', '', 'now']);
  t.deepEqual(words('an "open end'), ['an', '"open', 'end']);
  t.deepEqual(words('5" screen'), ['5"', 'screen']);
});

test('grammar - flags are those of the usage, with a value where it shows one', (t) => {
  const usage = '<who> [--for <duration>] [--dry-run]';
  t.deepEqual(
    [...flagsIn(usage)],
    [
      ['for', true],
      ['dry-run', false],
    ],
  );
  t.deepEqual(wordsOf('bob --for 2h --dry-run spam', usage), {
    args: ['bob', 'spam'],
    flags: { for: '2h', 'dry-run': true },
  });
  t.deepEqual(wordsOf('bob --for=2h', usage).flags, { for: '2h' });
  t.deepEqual(wordsOf('bob -- --for 2h', usage).args, ['bob', '--for', '2h']);
  t.deepEqual(wordsOf('"--for" bob', usage).args, ['--for', 'bob']);
});

test('grammar - a wrong flag is told with what there is', (t) => {
  const usage = '[--for <duration>] [--dry-run]';
  t.throws(() => wordsOf('--four 2h', usage), {
    instanceOf: CommandError,
    message: /--four is unknown. Use --for, --dry-run/,
  });
  t.throws(() => wordsOf('--for', usage), { instanceOf: CommandError, message: /needs a value/ });
  t.throws(() => wordsOf('--dry-run=yes', usage), { instanceOf: CommandError, message: /takes no value/ });
});

test('grammar - a command without flags takes dashes as they are', (t) => {
  t.deepEqual(wordsOf('--- look --here', '<text…>').args, ['---', 'look', '--here']);
});

test('grammar - any line is split or refused, and quoting gives back any words', (t) => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      calledIn(line, marks);
      calledAlone(line, marks);
      try {
        wordsOf(line, '[--for <duration>]');
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
      }
    }),
  );
  const quote = (word: string) => `"${word.replaceAll(/[\\"]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      t.deepEqual(wordsOf(words.map(quote).join(' '), '').args, words);
    }),
  );
  t.pass();
});

test('grammar - what grant shows as examples means what it says', (t) => {
  // The front reads flags by the usage; nothing but that is looked at here.
  const { info } = grantCommand({} as Parameters<typeof grantCommand>[0]);
  const parsed = info.examples.map((example) => wordsOf(example, info.usage));
  t.deepEqual(
    parsed.map(({ flags }) => flags),
    [{ room: 'quakeworld' }, { for: '2w' }, { for: '7d', hostmask: true }],
  );
  t.deepEqual(parsed[1]?.args.slice(3), ['the', 'cup', 'is', 'on']);
  const all = wordsOf('grant a@b ban --network x,y --command ban --until 2027-01-31', info.usage);
  t.deepEqual(all.flags, { network: 'x,y', command: 'ban', until: '2027-01-31' });
});

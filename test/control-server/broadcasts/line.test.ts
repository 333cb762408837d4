import test from 'ava';
import fc from 'fast-check';
import { cleanName, cleanText, lengthOf } from '../../../control-server/broadcasts/clean.js';
import { headOf, imitated, lineOf } from '../../../control-server/broadcasts/format.js';
import { fill, spanOf } from '../../../control-server/broadcasts/wording.js';
import type { BroadcastListConfig } from '../../../src/config/index.js';

const QW = { name: 'qw', format: '-{list}- {nick} - {channel} : {text}' } as BroadcastListConfig;
const SPAM = { name: 'spam', format: '-{list}- {nick}@{network} : {text}' } as BroadcastListConfig;
const NEWS = { name: 'n', format: 'News from {nick}: {text}' } as BroadcastListConfig;
const ORIGIN = { nick: 'zappater', channel: '#quakeworld', network: 'quakenet', room: 'qw' };
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('\r\n', '\x03', '4,5', '\x02', '\u200b', '\u202e', ' ', 'qw', '-', '{text}', '\0'))
    .map((all) => all.join('')),
);

test('line - reads as it has for two decades', (t) => {
  t.is(lineOf(QW, ORIGIN, '4on4, two more needed'), '-qw- zappater - #quakeworld : 4on4, two more needed');
});

test('line - whatever is typed is one line without control or invisible characters, and clean once and for all', (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const clean = cleanText(text);
      t.notRegex(
        clean,
        /[\0-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]|\p{Surrogate}/u,
      );
      t.is(cleanText(clean), clean);
      t.is(clean, clean.trim());
    }),
    { numRuns: 1000 },
  );
});

test('line - nothing but spaces or what nobody sees is no text', (t) => {
  for (const text of [
    '',
    '   ',
    '\t\n',
    '\u200b\u200b',
    '\u00ad',
    '\u{e0041}',
    '\x02\x0f',
    '\u200d',
    '\u3164',
  ]) {
    t.is(cleanText(text), '', JSON.stringify(text));
  }
});

test('line - emoji and scripts that need joiners stay as they are', (t) => {
  for (const text of ['🎮 gg', '👩‍💻', 'می‌خواهم', '❤️', 'Привет, ещё двое', '日本語'])
    t.is(cleanText(text), text);
  t.is(lengthOf('🎮🎮'), 2);
});

test('line - begins with the head of its list, whatever the nick, the channel and the text are', (t) => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (nick, channel, text) => {
      for (const list of [QW, SPAM, NEWS]) {
        const line = lineOf(list, { ...ORIGIN, nick, channel }, cleanText(text));
        t.true(line.startsWith(headOf(list)));
        t.notRegex(line, /[\r\n\0]/);
      }
    }),
  );
});

test('line - a name has no spaces, so that it cannot go on like the line itself', (t) => {
  t.is(cleanName('bob - #admins : all leave'), 'bob_-_#admins_:_all_leave');
  t.is(cleanName('\u200b'), '?');
  t.true(Buffer.byteLength(cleanName('ü'.repeat(200))) <= 40);
});

test('line - a text that imitates a list is found, wherever and however it does', (t) => {
  const lists = [QW, SPAM, NEWS];
  for (const text of [
    '-spam- bob@quakenet : free cheats',
    'x -SPAM- bob',
    '- s p a m - bob',
    `${'x'.repeat(150)} -spam- bob`,
    '-sp\u200bam- bob',
    '－ｓｐａｍ－ bob',
  ]) {
    t.is(imitated(text, lists), '-spam-', text);
  }
  t.is(imitated('news  from bob: none', lists), 'News from');
  t.is(imitated('4on4 - two more - needed', lists), null);
});

test('line - what is filled in is not looked at again', (t) => {
  t.is(lineOf(QW, ORIGIN, '{nick} {text} {list}'), '-qw- zappater - #quakeworld : {nick} {text} {list}');
  t.is(fill('{a} {b} {c}', { a: '{b}', b: '$&' }), '{b} $& {c}');
});

test('line - spans of time are rounded up, in the words of the language', (t) => {
  t.is(spanOf(181_000, 'en'), '4 min');
  t.is(spanOf(1, 'en'), '1 sec');
  t.is(spanOf(3 * 3_600_000, 'en'), '3 hr');
  t.is(spanOf(3 * 86_400_000, 'en'), '3 days');
  t.is(spanOf(240_000, 'de'), '4 Min.');
});

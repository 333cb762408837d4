import test from 'ava';
import fc from 'fast-check';
import { normalised, similarity } from '../../../control-server/broadcasts/likeness.js';

/** The default of `repeats.similarity`. */
const ENOUGH = 0.7;
const SAID = '4on4, two more needed';
const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 8 });

test('likeness - is symmetric, between 0 and 1, and 1 for the same text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      const one = similarity(a, b);
      t.is(one, similarity(b, a));
      t.true(one >= 0 && one <= 1);
      t.is(similarity(a, a), 1);
    }),
    { numRuns: 500 },
  );
});

test('likeness - case, punctuation, accents, invisible characters and the order of words change nothing', (t) => {
  const noise = fc.constantFrom('\u200b', '\u00ad', '\u2060', '!', '…', ' - ', '\u0301', '.', '\u{e0041}');
  fc.assert(
    fc.property(words, fc.array(noise, { maxLength: 5 }), fc.boolean(), (list, noises, upper) => {
      const plain = list.join(' ');
      const turned = [...list].reverse().join(`${noises.join('')} `) + noises.join('');
      t.is(similarity(plain, upper ? turned.toUpperCase() : turned), 1);
    }),
    { numRuns: 500 },
  );
});

test('likeness - spaces between or without letters change nothing', (t) => {
  fc.assert(
    fc.property(words, (list) => {
      const plain = list.join(' ');
      t.is(similarity(plain, [...plain].join(' ')), 1);
      t.is(similarity(plain, list.join('')), 1);
    }),
  );
});

for (const trick of [
  '4ON4, TWO MORE NEEDED!!!',
  '4on4 two more needed',
  '4on4, two more neeeeeeeded',
  '4\u200bon4, t\u200bwo more needed',
  '4 o n 4 , t w o m o r e n e e d e d',
  'two more needed, 4on4',
  '４ｏｎ４, ｔｗｏ more needed',
  '𝟒𝐨𝐧𝟒, 𝐭𝐰𝐨 𝐦𝐨𝐫𝐞 𝐧𝐞𝐞𝐝𝐞𝐝',
  '4on4, two móre nëeded',
  '4on4, two more needed x',
  '4on4, two more needed pls',
  '4on4, two more needed asap',
]) {
  test(`likeness - is the same call again: ${JSON.stringify(trick)}`, (t) => {
    t.true(similarity(SAID, trick) >= ENOUGH, String(similarity(SAID, trick)));
  });
}

for (const other of [
  '4on4, one more needed',
  '2on2, two more needed',
  '4on4 on quake.se:28501, need 3',
  'ctf, two more needed',
  'anybody for a duel?',
  '!!!',
]) {
  test(`likeness - is another call: ${JSON.stringify(other)}`, (t) => {
    t.true(similarity(SAID, other) < ENOUGH, String(similarity(SAID, other)));
  });
}

test('likeness - another number in a short text is another call', (t) => {
  t.true(similarity('4on4 need 2', '4on4 need 1') < ENOUGH);
  t.true(similarity('2on2 +1', '2on2 +2') < ENOUGH);
});

test('likeness - texts without a letter are compared by their signs', (t) => {
  t.is(normalised('!!! !!'), '!');
  t.is(similarity('???', '?'), 1);
  t.true(similarity('???', '!!!') < ENOUGH);
});

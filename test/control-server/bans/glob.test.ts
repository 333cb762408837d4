import test from 'ava';
import fc from 'fast-check';
import { foldName } from '../../../control-server/bans/fold.js';
import { matchesGlob } from '../../../control-server/bans/glob.js';

/** By the definition, however long it takes. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && naive(rest, text.slice(1));
}

const letters = (some: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...some), maxLength });

test('glob - matches what its definition says', (t) => {
  fc.assert(
    fc.property(letters('ab*?', 9), letters('abc', 12), (pattern, text) => {
      t.is(matchesGlob(pattern, text), naive(pattern, text), `${pattern} ${text}`);
    }),
    { numRuns: 3_000 },
  );
});

test('glob - every character but the two wildcards is itself', (t) => {
  for (const char of '.+()[]{}^$|\\/-') {
    t.true(matchesGlob(`a${char}b`, `a${char}b`));
    t.false(matchesGlob(`a${char}b`, 'aab'));
  }
});

test('glob - one made to be slow takes no more than pattern times text', (t) => {
  const pattern = `${'*a'.repeat(99)}b`;
  t.false(matchesGlob(pattern, 'a'.repeat(2_000)));
});

test('fold - IRC holds []\\^ and {}|~ to be the same letters in two cases', (t) => {
  t.is(foldName('Zap[]\\^'), foldName('zAP{}|~'));
  t.not(foldName('zap_'), foldName('zap-'));
});

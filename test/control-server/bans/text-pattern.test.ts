import test from 'ava';
import fc from 'fast-check';
import {
  compileText,
  patternFault,
  SHORT_CHARS,
  TextBudget,
} from '../../../control-server/bans/text-pattern.js';
import { MAX_PROGRAM_SIZE } from '../../../src/config/index.js';

const TEXT_CHARS = 32 * 1024;
/** Quadratic or worse would take minutes; what is measured on an idle machine is below one second. */
const FAR_TOO_LONG_MS = 20_000;

const repeated = (text: string) => text.repeat(Math.ceil(TEXT_CHARS / text.length)).slice(0, TEXT_CHARS);
const TEXTS = [repeated('a'), repeated('ab'), repeated('abaabbbab '), repeated('äß')];

function testMs(pattern: string): number {
  const compiled = compileText(pattern);
  const times = TEXTS.map((text) => {
    const begun = performance.now();
    compiled.test(text);
    return performance.now() - begun;
  });
  return Math.max(...times);
}

test('text pattern - a bomb is refused, or is none', (t) => {
  const bombs = [
    '(a+)+$',
    '(a|aa)+$',
    '(x+x+)+y',
    '.*.*.*.*=.*',
    '(a|b)*a(a|b){39}',
    '(?:a?){40}a{40}',
    '(\\pL{60}|.{60})',
    '(?:[a-z]{1,15}[b-y]{1,15}){2}Q',
    '((a{100}){100}){100}',
    'a{1000}',
    '(\\pL{100}){10}',
    '(((((a*)*)*)*)*)*b',
  ];
  for (const bomb of bombs) {
    if (patternFault(bomb) === null) t.true(testMs(bomb) < FAR_TOO_LONG_MS, bomb);
    else t.regex(patternFault(bomb) ?? '', /steps|an RE2|every line/, bomb);
  }
});

test('text pattern - whatever is let through takes time in proportion to the text', (t) => {
  const piece = fc.oneof(
    fc.constantFrom('a', 'b', '.', '[ab]', '\\w', '\\pL', '^', '$', '\\b'),
    fc.constantFrom('(a|b)', '(?:a?)', '(a*)', '(.|a)', '(\\w+)'),
  );
  const times = fc.constantFrom('', '*', '+', '?', '{2,9}', '{20}', '*?');
  const part = fc.tuple(piece, times).map(([what, many]) => `${what}${/[$^]|\\b/.test(what) ? '' : many}`);
  const group = fc.tuple(
    fc.array(part, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '+', '*', '{3}'),
  );
  const pattern = fc
    .array(group, { minLength: 1, maxLength: 3 })
    .map((groups) => groups.map(([parts, many]) => `(${parts.join('')})${many}`).join(''));
  fc.assert(
    fc.property(pattern, (text) => {
      if (patternFault(text) !== null) return;
      t.true(testMs(text) < FAR_TOO_LONG_MS, text);
    }),
    { numRuns: 40 },
  );
});

test('text pattern - no text makes the check of a pattern throw', (t) => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void patternFault(text)));
  t.regex(patternFault('a{151}') ?? '', new RegExp(`at most ${MAX_PROGRAM_SIZE}`));
  t.regex(patternFault('x'.repeat(201)) ?? '', /201 characters/);
  t.regex(patternFault('(?=a)') ?? '', /expected an RE2 pattern \(.+\)/);
  t.regex(patternFault('a*') ?? '', /matches every line/);
});

test('text pattern - finds its words anywhere and in any case', (t) => {
  const pattern = compileText('cheap (pills|watches)');
  t.true(pattern.test('Buy CHEAP Watches now'));
  t.false(pattern.test('cheap, pills'));
});

test('text budget - while it is used up only the beginning of long texts is looked at', (t) => {
  let now = 0;
  let told = 0;
  const budget = new TextBudget(
    () => {
      told += 1;
    },
    () => now,
  );
  const looked: number[] = [];
  const line = (chars: number, costMs: number) =>
    budget.spend('x'.repeat(chars), ({ length }) => {
      looked.push(length);
      now += costMs;
    });
  line(4_000, 600);
  line(4_000, 5);
  line(4_000, 5);
  line(SHORT_CHARS, 5);
  t.deepEqual(looked, [4_000, SHORT_CHARS, SHORT_CHARS, SHORT_CHARS]);
  t.is(told, 1);
  now += 10_000;
  line(4_000, 1);
  t.is(looked.at(-1), 4_000);
});

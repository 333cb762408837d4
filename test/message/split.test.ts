import test from 'ava';
import fc from 'fast-check';
import {
  byteLength,
  plainText,
  type SplitOptions,
  splitText,
  type TextMarkup,
} from '../../src/message/index.js';

const BASE: SplitOptions = {
  maxBytes: 64,
  maxParts: 1000,
  markup: 'plain',
  multiline: false,
  more: (count) => `… (${count} more lines)`,
};
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function split(text: string, options: Partial<SplitOptions> = {}): readonly string[] {
  return splitText(text, { ...BASE, ...options });
}

test('split - text that fits is one part, untouched', (t) => {
  t.deepEqual(split('hello \x02there'), ['hello \x02there']);
});

test('split - blank text has no part', (t) => {
  for (const text of ['', '  ', '\n\n', ' \n ']) t.deepEqual(split(text), []);
});

test('split - each line is a part where parts hold one line, blank ones are left out', (t) => {
  t.deepEqual(split('one\n\n two\nthree \n'), ['one', ' two', 'three']);
});

test('split - line breaks stay where parts hold several lines', (t) => {
  t.deepEqual(split('one\n\ntwo', { multiline: true }), ['one\n\ntwo']);
});

test('split - a long line breaks at a space', (t) => {
  const text = 'word '.repeat(30).trim();
  const parts = split(text);
  t.true(parts.every((part) => byteLength(part) <= 64 && /^(word )*word$/.test(part)));
  t.is(parts.join(' '), text);
});

test('split - several lines break at a line break', (t) => {
  const line = 'x'.repeat(20);
  t.deepEqual(split(`${line}\n${line}\n${line}\n${line}`, { multiline: true }), [
    `${line}\n${line}\n${line}`,
    line,
  ]);
});

test('split - a word without spaces breaks between graphemes', (t) => {
  const parts = split('👨‍👩‍👧'.repeat(10));
  t.deepEqual(parts, ['👨‍👩‍👧'.repeat(3), '👨‍👩‍👧'.repeat(3), '👨‍👩‍👧'.repeat(3), '👨‍👩‍👧']);
});

test('split - a grapheme larger than a part is cut between code points', (t) => {
  const zalgo = `a${'\u0301'.repeat(100)}`;
  const parts = split(zalgo);
  t.is(parts.join(''), zalgo);
  t.true(parts.every((part) => byteLength(part) <= 64));
});

test('split - irc codes are closed and opened again on each part', (t) => {
  const parts = split(`\x02${'bold '.repeat(20).trim()}\x02 end`, { markup: 'irc' });
  t.is(parts.length, 2);
  t.true(parts.every((part) => part.startsWith('\x02')));
  t.regex(parts[0] ?? '', /^\x02[^\x02]*\x02$/);
  t.true(parts[1]?.endsWith('\x02 end'));
});

test('split - irc colours are opened again, and do not swallow digits', (t) => {
  const parts = split(`\x0304,01${'123 '.repeat(30).trim()}`, { markup: 'irc' });
  t.true(
    parts.length > 1 && parts.every((part) => part.startsWith('\x0304,01123') && byteLength(part) <= 64),
  );
});

test('split - markdown code blocks and bold are closed and opened again', (t) => {
  const code = split(`\`\`\`js\n${'let a;\n'.repeat(20)}\`\`\``, { markup: 'markdown', multiline: true });
  t.true(code.length > 1 && code.every((part) => part.startsWith('```js\n') && part.endsWith('```')));
  const bold = split(`**${'bold '.repeat(30).trim()}**`, { markup: 'markdown' });
  t.true(bold.length > 1 && bold.every((part) => /^\*\*[^*]+\*\*$/.test(part)));
});

test('split - a code block becomes one part per line where parts hold one line', (t) => {
  t.deepEqual(split('```\na\nb\n```', { markup: 'markdown' }), ['```\na```', '```\nb```']);
});

test('split - the last part says how many are left out', (t) => {
  const parts = split('1\n2\n3\n4\n5\n6\n7\n8\n9\n10', { maxParts: 4 });
  t.deepEqual(parts, ['1', '2', '3', '4 … (6 more lines)']);
});

test('split - the note fits behind a full last part', (t) => {
  const parts = split('x'.repeat(640), { maxParts: 2 });
  t.deepEqual(parts, ['x'.repeat(64), `${'x'.repeat(45)} … (8 more lines)`]);
});

const TEXT = fc.string({
  unit: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(...'abcdefgh  ', 'é', '世', '😀', '👨‍👩‍👧', 'e\u0301', '🇩🇰', '\n'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...'*_~|`\\<]#,1',
        '**',
        '\x02',
        '\x0304',
        '\x1d',
        '\x0f',
        '\x0304,05',
        '```',
      ),
    },
  ),
  maxLength: 400,
});
const OPTIONS = fc.record({
  maxBytes: fc.integer({ min: 64, max: 140 }),
  markup: fc.constantFrom<TextMarkup>('plain', 'irc', 'markdown'),
  multiline: fc.boolean(),
});

test('split - no part exceeds the limit, is blank, or has a line break too many', (t) => {
  fc.assert(
    fc.property(TEXT, OPTIONS, fc.integer({ min: 1, max: 5 }), (text, options, maxParts) => {
      const parts = split(text, { ...options, maxParts });
      t.true(parts.length <= maxParts);
      for (const part of parts) {
        t.true(byteLength(part) <= options.maxBytes, JSON.stringify([text, part]));
        t.false(part.trim() === '' || (!options.multiline && part.includes('\n')));
      }
    }),
    { numRuns: 500 },
  );
});

test('split - together the parts read as the original, but for white space at the breaks', (t) => {
  fc.assert(
    fc.property(TEXT, OPTIONS, (text, options) => {
      const read = split(text, options).map((part) => plainText(part, options.markup));
      t.is(solid(read.join('')), solid(plainText(text, options.markup)));
    }),
    { numRuns: 500 },
  );
});

test('split - no grapheme is torn apart', (t) => {
  fc.assert(
    fc.property(TEXT, OPTIONS, (text, options) => {
      const parts = split(text, options).flatMap((part) => clusters(plainText(part, options.markup)));
      t.deepEqual(parts.filter(isSolid), clusters(plainText(text, options.markup)).filter(isSolid));
    }),
    { numRuns: 500 },
  );
});

test('split - thirty-two kilobytes of markup take a moment, not a second', (t) => {
  const text = 'a *b* '.repeat(5400);
  const start = performance.now();
  t.is(split(text, { markup: 'markdown', maxBytes: 400, maxParts: 5 }).length, 5);
  t.true(performance.now() - start < 1000);
});

function solid(text: string): string {
  return text.replace(/\s/g, '');
}

function clusters(text: string): readonly string[] {
  return [...graphemes.segment(text)].map(({ segment }) => segment);
}

function isSolid(cluster: string): boolean {
  return cluster.trim() !== '';
}

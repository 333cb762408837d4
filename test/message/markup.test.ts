import test from 'ava';
import fc from 'fast-check';
import {
  escapeMarkdown,
  fromCore,
  parseSpans,
  plainText,
  renderSpans,
  type Span,
  type TextMarkup,
  toCore,
} from '../../src/message/index.js';

const ANY = fc.string({ unit: 'binary', maxLength: 120 });
/** Text made of what has a meaning somewhere. */
const TRICKY = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'*_~|`\\[]()<>#@-+ \n\t,0123456789abcdef',
      '**',
      '__',
      '~~',
      '||',
      '```',
      'http://x.y/a_b',
      'é',
      '👍🏽',
    ),
    fc.constantFrom(
      '\x02',
      '\x03',
      '\x0304',
      '\x0301,01',
      '\x04',
      '\x04ff0000',
      '\x0f',
      '\x11',
      '\x16',
      '\x1d',
      '\x1e',
      '\x1f',
    ),
  ),
  maxLength: 60,
});
const TARGETS: readonly TextMarkup[] = ['plain', 'irc', 'markdown'];

function withoutControls(text: string): string {
  return text
    .replace(/\r\n|[\r\u2028\u2029]/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '')
    .replaceAll('\t', ' ');
}

test('markup - irc text without codes is plain and untouched', (t) => {
  t.deepEqual(toCore('2 * 3 * 4 _x_ [a](b)', 'irc'), { text: '2 * 3 * 4 _x_ [a](b)', markup: 'plain' });
});

test('markup - irc codes become markdown, literal markdown is escaped', (t) => {
  t.deepEqual(toCore('\x02bold\x02 *x* \x1dit\x1d \x1fun\x1f \x1est\x1e \x11co\x11', 'irc'), {
    text: '**bold** \\*x\\* *it* __un__ ~~st~~ `co`',
    markup: 'markdown',
  });
});

test('markup - irc colours are dropped, and text with no other code stays plain', (t) => {
  t.deepEqual(toCore('\x0304,01red\x03 \x04ff0000hex\x0f \x16re\x16', 'irc'), {
    text: 'red hex re',
    markup: 'plain',
  });
});

test('markup - irc text in its own colour is a spoiler', (t) => {
  t.deepEqual(toCore('\x0301,1secret\x03 12', 'irc'), { text: '||secret|| 12', markup: 'markdown' });
});

test('markup - markdown becomes irc codes', (t) => {
  const irc = fromCore('**b** *i* _i_ __u__ ~~s~~ `c` ***bi***', 'markdown', 'irc');
  t.is(irc, '\x02b\x02 \x1di\x1d \x1di\x1d \x1fu\x1f \x1es\x1e \x11c\x11 \x02\x1dbi\x02\x1d');
});

test('markup - the end of a colour does not swallow the digits behind it', (t) => {
  t.is(plainText(fromCore('||12||34 **||56||78**', 'markdown', 'irc'), 'irc'), '1234 5678');
});

test('markup - markdown becomes plain text without its delimiters', (t) => {
  t.is(
    fromCore('**b** `c` ||s|| \\*x\\* ```js\nlet a = 1;\n```', 'markdown', 'plain'),
    'b c s *x* let a = 1;\n',
  );
});

test('markup - plain text is escaped for markdown', (t) => {
  t.is(
    fromCore('*a* _b_ `c` ||d|| [e](f) <@1>', 'plain', 'markdown'),
    '\\*a\\* \\_b\\_ \\`c\\` \\|\\|d\\|\\| [e\\](f) \\<@1>',
  );
  t.is(fromCore('# a\n> b\n- c', 'plain', 'markdown'), '\\# a\n\\> b\n\\- c');
});

test('markup - what needs no escape has none', (t) => {
  for (const text of [
    'snake_case_name',
    'a | b ~ c',
    '1 < 2 > 1',
    'C:\\dir',
    'x[0]',
    'it is -1 + #1',
    'https://x.org/a_b_/~c_',
  ]) {
    t.is(escapeMarkdown(text), text);
  }
});

test('markup - markdown that says nothing special comes in as plain', (t) => {
  t.is(toCore('hello there', 'markdown').markup, 'plain');
  t.is(toCore('hello **there**', 'markdown').markup, 'markdown');
});

test('markup - delimiters without their other end are text', (t) => {
  for (const text of [
    '2 * 3 * 4',
    '**a',
    'a**',
    '*',
    '****',
    '||||',
    '~~~~',
    '``',
    '``` a',
    'a_b_c',
    '_a_b',
    '** a **',
    '\\x',
  ]) {
    t.is(plainText(text, 'markdown'), text);
  }
});

test('markup - links keep their underscores', (t) => {
  t.is(plainText('*see* https://x.org/_a_/__b__ _now_', 'markdown'), 'see https://x.org/_a_/__b__ now');
  t.is(plainText('__https://x.org/a__', 'markdown'), 'https://x.org/a');
});

test('markup - code keeps what is inside it', (t) => {
  t.is(plainText('`**a**` ``b`c`` ```**d**```', 'markdown'), '**a** b`c **d**');
});

test('markup - plain text survives irc, core and back, whatever it holds', (t) => {
  fc.assert(
    fc.property(fc.oneof(ANY, TRICKY), (text) => {
      const clean = withoutControls(text);
      const core = toCore(fromCore(text, 'plain', 'irc'), 'irc');
      t.is(fromCore(core.text, core.markup, 'plain'), clean);
    }),
  );
});

test('markup - plain text sent to markdown reads as itself', (t) => {
  fc.assert(
    fc.property(fc.oneof(ANY, TRICKY), (text) => {
      const clean = text.replace(/\r\n|[\r\u2028\u2029]/g, '\n').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '');
      t.is(plainText(fromCore(text, 'plain', 'markdown'), 'markdown'), clean);
    }),
  );
});

test('markup - irc text reads the same after core and back', (t) => {
  fc.assert(
    fc.property(
      TRICKY.filter((text) => !text.includes('http')),
      (text) => {
        const core = toCore(text, 'irc');
        t.is(
          plainText(fromCore(core.text, core.markup, 'irc'), 'irc'),
          withoutControls(plainText(text, 'irc')),
        );
      },
    ),
  );
});

test('markup - code that no fence can hold keeps its text, whatever its other look', (t) => {
  for (const text of ['+\x1d\x11\néf```', '+\x11\x1d\néf```', '\x02\x11 a``b` \x02c', '\x1e`\x11 ']) {
    const core = toCore(text, 'irc');
    t.is(plainText(fromCore(core.text, core.markup, 'irc'), 'irc'), withoutControls(plainText(text, 'irc')));
  }
});

test('markup - no control character but the known codes comes out', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(ANY, TRICKY),
      fc.constantFrom('plain', 'markdown'),
      fc.constantFrom(...TARGETS),
      (text, markup, target) => {
        const out = fromCore(text, markup as 'plain' | 'markdown', target);
        t.notRegex(
          out,
          target === 'irc'
            ? /[\0\x01\x04-\x09\x0b-\x0e\x10\x12-\x15\x17-\x1c\x7f-\x9f]/
            : /[\0-\x08\x0b-\x1f\x7f-\x9f]/,
        );
      },
    ),
  );
});

test('markup - plain text adds no code at all', (t) => {
  fc.assert(
    fc.property(fc.oneof(ANY, TRICKY), (text) =>
      t.notRegex(fromCore(text, 'plain', 'irc'), /[\0-\x09\x0b-\x1f]/),
    ),
  );
});

const SPANS = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom(...'ab,1 *_~|\\<]('), minLength: 1, maxLength: 6 }),
    flags: fc.nat({ max: 63 }).filter((flags) => (flags & 16) === 0),
    colour: fc.constant(''),
    head: fc.constant(''),
  }),
  { maxLength: 6 },
);

test('markup - spans read the same after rendering to irc, look included', (t) => {
  fc.assert(
    fc.property(SPANS, (spans) =>
      t.deepEqual(lookOf(parseSpans(renderSpans(spans, 'irc'), 'irc')), lookOf(spans)),
    ),
  );
});

test('markup - spans read the same after rendering to markdown, look of visible characters included', (t) => {
  fc.assert(
    fc.property(SPANS, (spans) => {
      const read = parseSpans(renderSpans(spans, 'markdown'), 'markdown');
      t.is(plain(read), plain(spans));
      t.deepEqual(lookOf(read).filter(isVisible), lookOf(spans).filter(isVisible));
    }),
  );
});

test('markup - a hundred thousand delimiters take linear time', (t) => {
  for (const unit of ['*', '*a', '**a _', '`', '` `` ', '\\', '||', '_a*b`', '[', 'http://_', '``a`']) {
    const text = unit.repeat(100_000 / unit.length);
    const start = performance.now();
    plainText(text, 'markdown');
    escapeMarkdown(text);
    t.true(performance.now() - start < 5000, unit);
  }
});

/** Character by character, so that it does not matter how spans are cut. */
function lookOf(spans: readonly Span[]): readonly string[] {
  return spans.flatMap((span) => [...span.text].map((char) => `${char}${span.flags}`));
}

function isVisible(look: string): boolean {
  return !look.startsWith(' ');
}

function plain(spans: readonly Span[]): string {
  return spans.map((span) => span.text).join('');
}

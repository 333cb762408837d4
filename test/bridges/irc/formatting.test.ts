import test from 'ava';
import fc from 'fast-check';
import { openCodes, splitToFit, stripFormatting } from '../../../bridges/irc/formatting.js';
import irc from '../../../bridges/irc/index.js';
import { joinLines } from '../../../bridges/irc/join.js';
import { nickAfter } from '../../../bridges/irc/nick.js';

test('irc - Formatting: stripping leaves the digits of the text', (t) => {
  t.is(stripFormatting('\x0304,12red\x03 \x0345 \x02b\x02 \x04ff0000x\x0f \x03123'), 'red  b x 3');
});

test('irc - Formatting across a split: codes are opened again on each part', (t) => {
  t.is(openCodes('\x02bold \x0312blue'), '\x0312\x02');
  t.is(openCodes('\x034,5x\x1d'), '\x0304,05\x1d');
  t.is(openCodes('\x02\x1f\x0fplain'), '');
  t.deepEqual(splitToFit('\x02\x034aaaa 5bbb', 9), ['\x02\x034aaaa', '\x0304\x025bbb']);
});

test('irc - 512-byte line limit: parts fit, lose no text and break no character', (t) => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(text, fc.integer({ min: 40, max: 60 }), (whole, room) => {
      const parts = splitToFit(whole, room);
      for (const part of parts) {
        t.true(Buffer.byteLength(part) <= room);
        t.true(wellFormed(part) || !wellFormed(whole));
      }
      const bare = (value: string): string => stripFormatting(value).replaceAll(' ', '');
      t.is(bare(parts.join('')), bare(whole));
    }),
  );
});

test('irc - Flood control: JOINs share lines, keys first, within length and TARGMAX', (t) => {
  const of = (address: string, key?: string) => ({ address, key });
  t.deepEqual(joinLines([of('#a'), of('#b', 'k'), of('#c')], Number.POSITIVE_INFINITY), ['JOIN #b,#a,#c k']);
  t.deepEqual(joinLines([of('#a'), of('#b', 'k'), of('#c')], 2), ['JOIN #b,#a k', 'JOIN #c']);
  const many = Array.from({ length: 100 }, (_, index) => of(`#channel-number-${index}`));
  const lines = joinLines(many, Number.POSITIVE_INFINITY);
  t.true(lines.every((line) => Buffer.byteLength(line) <= 480));
  t.is(lines.flatMap((line) => line.slice('JOIN '.length).split(',')).length, 100);
});

test('irc - Nick in use: alternates, then more and more underscores, then shorter', (t) => {
  const nicks = [0, 1, 2, 3, 4, 5].map((tries) => nickAfter('quakerelay', ['qr'], tries));
  t.deepEqual(nicks.slice(0, 4), ['qr', 'quakerelay_', 'quakerelay__', 'quakerelay___']);
  t.true(nicks.slice(4).every((nick) => nick.length <= 9));
  t.is(new Set(nicks).size, 6);
});

const CONFIG = { host: 'irc.example.org', nick: 'parley' };

test('irc - config: fills in what is left out', (t) => {
  t.like(irc.config.parse(CONFIG), {
    tls: true,
    confirm: 'auto',
    pingInterval: 30_000,
    encoding: 'windows-1252',
  });
});

for (const [field, value, message] of [
  ['host', 'a b', /host name/],
  ['port', 0, /1/],
  ['nick', 'two words', /expected a nick/],
  ['nick', '#chan', /expected a nick/],
  ['alternates', ['a b'], /expected a nick/],
  ['username', 'a b', /one word/],
  ['sasl', {}, /account/],
  ['encoding', 'klingon', /encoding/],
  ['pingInterval', '30', /duration/],
  ['confirm', 'maybe', /auto/],
] as const) {
  test(`irc - config: ${field} ${JSON.stringify(value)} is refused with its reason`, (t) => {
    const result = irc.config.safeParse({ ...CONFIG, [field]: value });
    t.regex(
      result.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join() ?? '',
      message,
    );
  });
}

test('irc - config: a channel needs a prefix and no spaces or commas', (t) => {
  for (const good of ['#quake', '&local', '+x', '!12345x', '#ü']) t.is(irc.checkChannel(good), null, good);
  for (const bad of ['quake', '#a b', '#a,b', '#', '#a\r\nQUIT', '#a\x07', `#${'x'.repeat(200)}`]) {
    t.regex(irc.checkChannel(bad) ?? '', /expected a channel name/, bad);
  }
});

function wellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

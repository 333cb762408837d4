import test from 'ava';
import fc from 'fast-check';
import { byteLength, cutBytes, fitIndex, oneLine, stripControls } from '../../src/message/index.js';

test('utf8 - text that fits is not cut', (t) => {
  t.is(cutBytes('héllo', 6), 'héllo');
});

test('utf8 - a cut keeps graphemes whole and leaves room for the ellipsis', (t) => {
  t.is(cutBytes('ab👨‍👩‍👧cd', 10, '…'), 'ab…');
  t.is(cutBytes('e\u0301e\u0301e\u0301', 7, '…'), 'e\u0301…');
});

test('utf8 - a cut never exceeds the limit', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 80 }), (text, maxBytes) => {
      const cut = cutBytes(text, maxBytes, '…');
      t.true(byteLength(cut) <= maxBytes);
      t.true(cut === text || text.startsWith(cut.slice(0, -1)));
    }),
  );
});

test('utf8 - the fitting index is the last one that fits', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 40 }), (text, maxBytes) => {
      const end = fitIndex(text, 0, maxBytes);
      const next = end + String.fromCodePoint(text.codePointAt(end) ?? 0).length;
      t.true(byteLength(text.slice(0, end)) <= maxBytes);
      t.true(end === text.length || byteLength(text.slice(0, next)) > maxBytes);
    }),
  );
});

test('strip - line breaks become LF and control characters go', (t) => {
  t.is(stripControls('a\r\nb\rc\u2028d\0\x01\x02\x7f\x85\te'), 'a\nb\nc\nd\te');
});

test('strip - a name is one line without control or direction characters', (t) => {
  t.is(oneLine(' a\r\nQUIT\0 \u202eevil\u200f '), 'a QUIT evil');
});

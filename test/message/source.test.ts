import test from 'ava';
import fc from 'fast-check';
import {
  decodeToken,
  encodeHttpSource,
  encodeSource,
  encodeToken,
  parseSource,
} from '../../src/message/index.js';

test('source - a channel is encoded byte for byte', (t) => {
  t.is(encodeSource('quakenet', '#quakeworld'), '/networks/quakenet/channels/=23quakeworld');
  t.is(encodeToken('Å.x'), '=C3=85=2Ex');
});

test('source - any token survives and stays within the safe alphabet', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.regex(encodeToken(text), /^[A-Za-z0-9_=-]*$/);
      t.is(decodeToken(encodeToken(text)), text);
    }),
  );
});

test('source - what was put together can be taken apart', (t) => {
  t.deepEqual(parseSource(encodeSource('q/n', '#a b')), { kind: 'network', network: 'q/n', channel: '#a b' });
  t.deepEqual(parseSource(encodeHttpSource('portal')), { kind: 'http', token: 'portal' });
});

test('source - a foreign source is nothing to take apart', (t) => {
  for (const source of [
    '',
    '/',
    '/networks/a',
    '/networks/a/rooms/b',
    '/networks/a/channels/b/c',
    'https://x.org/a',
  ]) {
    t.is(parseSource(source), null);
  }
});

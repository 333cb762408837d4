import test from 'ava';
import fc from 'fast-check';
import { isWithin, parseAddress, parseRange } from '../../../control-server/bans/ip.js';

function within(address: string, range: string): boolean {
  const [bytes, parsed] = [parseAddress(address), parseRange(range)];
  return bytes !== null && parsed !== null && isWithin(bytes, parsed);
}

const address = (text: readonly number[]) => text.join('.');
const asNumber = (bytes: readonly number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const four = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
const eight = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

test('ip - an IPv4 range holds the addresses whose first bits are its own', (t) => {
  fc.assert(
    fc.property(four, four, fc.integer({ min: 0, max: 32 }), fc.boolean(), (a, b, prefix, same) => {
      // Such as differ in one bit are where mistakes are.
      const other = same
        ? a.map((byte, index) => (index === prefix >> 3 ? byte ^ (128 >> (prefix & 7)) : byte))
        : b;
      const size = 2 ** (32 - prefix);
      const expected = Math.floor(asNumber(a) / size) === Math.floor(asNumber(other) / size);
      t.is(within(address(other), `${address(a)}/${prefix}`), expected);
    }),
  );
});

test('ip - an IPv6 range holds the addresses whose first bits are its own, however they are written', (t) => {
  fc.assert(
    fc.property(eight, eight, fc.integer({ min: 0, max: 128 }), fc.boolean(), (a, b, prefix, close) => {
      const other = close
        ? a.map((group, index) => (index === prefix >> 4 ? group ^ (0x8000 >> (prefix & 15)) : group))
        : b;
      const bits = (groups: readonly number[]) =>
        groups
          .map((group) => group.toString(2).padStart(16, '0'))
          .join('')
          .slice(0, prefix);
      const text = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(':');
      fc.pre(!isMapped(a) && !isMapped(other));
      t.is(within(text(other), `${text(a)}/${prefix}`), bits(a) === bits(other));
    }),
  );
});

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

test('ip - short forms and IPv4 in IPv6 clothes are the same addresses', (t) => {
  t.true(within('2001:db8::1', '2001:0db8:0:0:0:0:0:1'));
  t.true(within('::', '::/128'));
  t.true(within('::ffff:192.0.2.7', '192.0.2.0/24'));
  t.true(within('192.0.2.7', '::ffff:192.0.2.0/120'));
  t.false(within('192.0.2.7', '::/0'));
});

test('ip - what is none is refused', (t) => {
  const wrong = [
    '',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/x',
    '::/129',
    '::ffff:1.2.3.4/90',
    'fe80::1%eth0',
    'a.b.c.d',
  ];
  for (const text of wrong) t.is(parseRange(text), null, text);
  fc.assert(fc.property(fc.string(), (text) => void parseRange(text)));
});

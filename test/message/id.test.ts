import test from 'ava';
import fc from 'fast-check';
import { derivedId, idTimeMs, newId } from '../../src/message/index.js';

const CROCKFORD = /^[0-9A-HJKMNP-TV-Z]{26}$/;

test('id - a new id is 26 characters of Crockford base 32', (t) => {
  t.regex(newId(), CROCKFORD);
});

test('id - ids of one process rise, within a millisecond and when the clock goes back', (t) => {
  const far = Date.now() + 3_600_000;
  const ids = [newId(far), newId(far), newId(far - 50_000), newId(), newId(far + 1)];
  t.deepEqual([...ids].sort(), ids);
  t.is(new Set(ids).size, ids.length);
});

test('id - the time of an id can be read back', (t) => {
  const now = Date.now() + 7_200_000;
  t.is(idTimeMs(newId(now)), now);
  t.is(
    idTimeMs(derivedId({ network: 'n', nativeId: '1', time: new Date(1_700_000_000_123) })),
    1_700_000_000_123,
  );
  t.true(Number.isNaN(idTimeMs('not an id')));
});

test('id - the same native message gives the same id, whenever it comes in', (t) => {
  const native = { network: 'quakenet', nativeId: 'abc', room: 'qw' };
  t.is(derivedId(native), derivedId({ ...native }));
  t.is(derivedId(native).slice(0, 10), '0000000000');
});

test('id - network, native id and room each tell derived ids apart', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (network, nativeId, room) => {
      const id = derivedId({ network, nativeId, room });
      t.regex(id, CROCKFORD);
      t.not(id, derivedId({ network, nativeId, room: `${room}x` }));
      t.not(id, derivedId({ network, nativeId: `${nativeId}x`, room }));
      t.not(id, derivedId({ network: `${network}x`, nativeId, room }));
    }),
  );
});

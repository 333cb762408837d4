import test from 'ava';
import { Untold } from '../../src/network/untold.js';

const LEASE_MS = 3000;

test('untold - nothing counts before the first answer', (t) => {
  const untold = new Untold(LEASE_MS);
  untold.add('a', 0);
  t.is(untold.count(1), null);
  t.is(untold.answered([], 2), 0);
  t.is(untold.count(3), 1);
  t.is(untold.answered(['a', 'x'], 4), 1);
  t.is(untold.count(5), 0);
});

test('untold - answers that fail to come for a lease are not waited for, until the next one', (t) => {
  const untold = new Untold(LEASE_MS);
  untold.answered([], 0);
  untold.add('a', 10_000);
  untold.add('b', 10_001);
  t.is(untold.count(13_000), 2);
  t.is(untold.count(13_001), null);
  t.deepEqual(untold.toRepeat(13_002), ['a'], 'one is enough to see whether somebody is there');
  t.is(untold.answered(['a'], 14_000), 1);
  t.is(untold.count(14_001), 1);
  t.deepEqual(untold.toRepeat(14_001), ['b']);
});

test('untold - a quiet hour is no failure to answer', (t) => {
  const untold = new Untold(LEASE_MS);
  untold.answered([], 0);
  untold.add('a', 3_600_000);
  t.is(untold.count(3_600_001), 1);
});

test('untold - others that answer are waited for, however long one event takes', (t) => {
  const untold = new Untold(LEASE_MS);
  untold.answered([], 0);
  untold.add('a', 0);
  for (let ms = 1000; ms < 10_000; ms += 1000) untold.answered(['x'], ms);
  t.is(untold.count(10_000), 1);
  t.deepEqual(untold.toRepeat(10_000), ['a']);
});

test('untold - after half a minute nobody needs to know', (t) => {
  const untold = new Untold(LEASE_MS);
  untold.answered([], 0);
  untold.add('a', 0);
  untold.add('b', 20_000);
  t.deepEqual(untold.toRepeat(30_000), ['b']);
  t.is(untold.count(30_000), null);
});

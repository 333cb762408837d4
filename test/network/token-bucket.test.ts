import test from 'ava';
import { TokenBucket } from '../../src/network/token-bucket.js';

function clock() {
  let ms = 0;
  return { now: () => ms, pass: (by: number) => (ms += by) };
}

test('token bucket - gives the burst at once, then one token per interval', (t) => {
  const { now, pass } = clock();
  const bucket = new TokenBucket({ burst: 2, perSecond: 2 }, now);
  t.deepEqual([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
  t.is(bucket.waitMs(), 500);
  pass(500);
  t.deepEqual([bucket.take(), bucket.take()], [true, false]);
});

test('token bucket - never holds more than the burst', (t) => {
  const { now, pass } = clock();
  const bucket = new TokenBucket({ burst: 2, perSecond: 10 }, now);
  pass(60_000);
  t.deepEqual([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
});

test('token bucket - an infinite burst never waits', (t) => {
  const bucket = new TokenBucket({ burst: Number.POSITIVE_INFINITY, perSecond: 1 });
  for (let i = 0; i < 10_000; i++) t.true(bucket.take() || t.fail());
  t.is(bucket.waitMs(), 0);
});

test('token bucket - a new limit does not give back what was used', (t) => {
  const { now } = clock();
  const bucket = new TokenBucket({ burst: 5, perSecond: 1 }, now);
  for (let i = 0; i < 5; i++) bucket.take();
  bucket.adjust({ burst: 50, perSecond: 1 });
  t.false(bucket.take());
});

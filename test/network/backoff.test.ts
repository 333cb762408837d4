import test from 'ava';
import { Backoff, DEFAULT_BACKOFF } from '../../src/network/backoff.js';

const steady = { ...DEFAULT_BACKOFF, random: () => 1 };

test('backoff - asks at most a second apart while the outage is young', (t) => {
  const backoff = new Backoff(steady);
  t.deepEqual(
    [backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()],
    [200, 400, 800, 1000, 1000],
  );
});

test('backoff - doubles up to a minute after half a minute', (t) => {
  const backoff = new Backoff(steady);
  const pauses = Array.from({ length: 60 }, () => backoff.next());
  t.deepEqual(pauses.slice(-2), [60_000, 60_000]);
  t.true(pauses.includes(16_000));
});

test('backoff - never shorter than what the network asked for', (t) => {
  t.is(new Backoff(steady).next(900_000), 900_000);
});

test('backoff - starts short again after a reset', (t) => {
  const backoff = new Backoff(steady);
  for (let i = 0; i < 50; i++) backoff.next();
  backoff.reset();
  t.is(backoff.next(), 200);
});

test('backoff - jitter stays within a fifth', (t) => {
  const backoff = new Backoff();
  const first = backoff.next();
  t.true(first >= 160 && first <= 200);
});

import test from 'ava';
import type { Bucket } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { FollowedBucket } from '../../src/replica/index.js';

/** A bucket that stores at once, and whose watch tells nothing: as slow as it can be. */
function mute(): Bucket<unknown> {
  return {
    put: async () => {},
    delete: async () => {},
    watch: async () => ({ closed: new Promise(() => {}), stop: async () => {} }),
  } as unknown as Bucket<unknown>;
}

test('replica - what is stored is taken over, however slow the watch is', async (t) => {
  const heard: unknown[] = [];
  // The bucket's own timers keep no process alive.
  const alive = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(alive));
  const bucket = new FollowedBucket({
    bus: { bucket: async <Value>() => mute() as unknown as Bucket<Value> },
    name: 'ORDERS',
    heard: (key, value) => heard.push([key, value]),
    log: silentLogger,
  });
  await bucket.open();
  await bucket.put('a', 1);
  await bucket.delete('a');
  t.deepEqual(heard, [
    ['a', 1],
    ['a', null],
  ]);
  await bucket.stop();
});

test('replica - where the order decides, nothing is taken over before the watch tells it', async (t) => {
  const heard: unknown[] = [];
  const alive = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(alive));
  const bucket = new FollowedBucket({
    bus: { bucket: async <Value>() => mute() as unknown as Bucket<Value> },
    name: 'CONFIGS',
    heard: (key, value) => heard.push([key, value]),
    log: silentLogger,
    ordered: true,
  });
  await bucket.open();
  await t.throwsAsync(bucket.put('a', 1), { code: 'BACKBONE_UNAVAILABLE' });
  t.deepEqual(heard, []);
  await bucket.stop();
});

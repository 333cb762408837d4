import test from 'ava';
import fc from 'fast-check';
import { ExpiryQueue } from '../../../control-server/bans/expiry-queue.js';

test('expiry queue - gives back what has come, the soonest first, and nothing before its time', (t) => {
  const step = fc.record({
    add: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6 }),
    now: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const queue = new ExpiryQueue();
      let kept: number[] = [];
      for (const { add, now } of steps) {
        for (const atMs of add) queue.add(atMs, String(atMs));
        kept = [...kept, ...add].sort((a, b) => a - b);
        const due = kept.filter((atMs) => atMs <= now);
        kept = kept.filter((atMs) => atMs > now);
        const taken: number[] = [];
        for (let id = queue.take(now); id !== null; id = queue.take(now)) taken.push(Number(id));
        t.deepEqual(taken, due);
        t.is(queue.size, kept.length);
      }
    }),
  );
});

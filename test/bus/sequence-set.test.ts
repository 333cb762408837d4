import test from 'ava';
import fc from 'fast-check';
import { SequenceSet } from '../../src/bus/sequence-set.js';

const sequence = fc.integer({ min: 1, max: 40 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ upTo: fc.constant(false), sequence }) },
  { weight: 1, arbitrary: fc.record({ upTo: fc.constant(true), sequence }) },
);

test('sequence set - holds what a plain set holds, whatever the order', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const plain = new Set<number>();
      const set = new SequenceSet();
      for (const { upTo, sequence: one } of steps) {
        if (upTo) {
          set.addUpTo(one);
          for (let each = 1; each <= one; each += 1) plain.add(each);
        } else {
          set.add(one);
          plain.add(one);
        }
      }
      for (let each = 1; each <= 41; each += 1) t.is(set.has(each), plain.has(each));
      t.is(set.last, Math.max(0, ...plain));
    }),
  );
});

test('sequence set - forgets all', (t) => {
  const set = new SequenceSet();
  set.addUpTo(5);
  set.add(9);
  set.clear();
  t.false(set.has(3));
  t.is(set.last, 0);
});

import test from 'ava';
import fc from 'fast-check';
import { type Accepted, type Arrival, check, type Evidence, missingFrom, type Side } from './checker.js';
import { lineIn, textOf } from './line.js';

const SENDERS = ['one-r01', 'two-r01', 'http-r01'];
const FAULT_EVERY_MS = 100;

/** Numbers of each sender in the order in which they reach one side. */
type Course = Readonly<Record<string, readonly number[]>>;

function acceptedOf(
  counts: readonly number[],
  via = (_number: number): string | null => 'alpha',
): Accepted[] {
  return SENDERS.flatMap((sender, who) =>
    Array.from({ length: counts[who] ?? 0 }, (_, number) => ({
      sender,
      number,
      via: via(number),
      atMs: number,
    })),
  );
}

function sideOf(course: Course): Side {
  const arrivals: Arrival[] = Object.entries(course).flatMap(([sender, numbers]) =>
    numbers.map((number, atMs) => ({ sender, number, atMs })),
  );
  return { name: 'two #r01', network: 'two', expects: () => true, arrivals };
}

function evidenceOf(accepted: readonly Accepted[], course: Course): Evidence {
  const faults = Array.from({ length: 5 }, (_, i) => ({ fault: `f${i}`, fromMs: i * FAULT_EVERY_MS }));
  return { said: [], accepted, sides: [sideOf(course)], faults, readings: [] };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

const counts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 3 });

test('checker - a run without faults has no findings', (t) => {
  fc.assert(
    fc.property(counts, (lengths) => {
      const course = Object.fromEntries(SENDERS.map((sender, who) => [sender, upTo(lengths[who] ?? 0)]));
      const evidence = evidenceOf(acceptedOf(lengths), course);
      const verdict = check(evidence);
      const { lost, doubled, reordered, overtaken, unheard, unpromised } = verdict;
      t.deepEqual([lost, doubled, reordered, overtaken], [[], [], [], []]);
      t.deepEqual([unheard, unpromised, missingFrom(evidence)], [0, 0, 0]);
      t.is(
        verdict.expected,
        lengths.reduce((sum, length) => sum + length),
      );
    }),
  );
});

test('checker - finds exactly the lines that were left out', (t) => {
  fc.assert(
    fc.property(counts, fc.infiniteStream(fc.boolean()), (lengths, coins) => {
      const gone: string[] = [];
      const course = Object.fromEntries(
        SENDERS.map((sender, who) => [
          sender,
          upTo(lengths[who] ?? 0).filter((number) => {
            const stays = coins.next().value;
            if (!stays) gone.push(`${sender} ${number}`);
            return stays;
          }),
        ]),
      );
      const evidence = evidenceOf(acceptedOf(lengths), course);
      const verdict = check(evidence);
      t.deepEqual(verdict.lost.map(textOf).sort(), gone.sort());
      t.is(missingFrom(evidence), gone.length);
      t.deepEqual([verdict.doubled, verdict.reordered], [[], []]);
    }),
  );
});

test('checker - counts each repetition once, and takes none for a line out of order', (t) => {
  const repeats = fc.array(fc.nat({ max: 59 }), { maxLength: 20 });
  fc.assert(
    fc.property(counts, repeats, (lengths, again) => {
      const known = again.filter((number) => number < (lengths[0] ?? 0));
      const course = { [SENDERS[0] ?? '']: [...upTo(lengths[0] ?? 0), ...known] };
      const verdict = check(evidenceOf(acceptedOf(lengths.slice(0, 1)), course));
      t.deepEqual(
        verdict.doubled.map(({ number }) => number),
        known,
      );
      t.deepEqual([verdict.lost, verdict.reordered], [[], []]);
    }),
  );
});

test('checker - calls late exactly the lines that come behind a higher number', (t) => {
  const course = fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 1 });
  fc.assert(
    fc.property(course, (numbers) => {
      const sender = SENDERS[0] ?? '';
      const late = numbers.filter((number, place) => numbers.slice(0, place).some((other) => other > number));
      const verdict = check(evidenceOf(acceptedOf([41]), { [sender]: numbers }));
      t.deepEqual(
        verdict.reordered.map(({ number }) => number),
        late,
      );
      t.deepEqual(verdict.doubled, []);
    }),
  );
});

test('checker - tells a line overtaken at another gateway from one out of order at the same', (t) => {
  const sender = SENDERS[0] ?? '';
  const accepted = acceptedOf([3], (number) => (number === 0 ? 'alpha' : 'beta'));
  const { reordered, overtaken } = check(evidenceOf(accepted, { [sender]: [2, 0, 1] }));
  t.deepEqual(overtaken.map(textOf), [`${sender} 0`]);
  t.deepEqual(reordered.map(textOf), [`${sender} 1`]);
});

test('checker - a line that came late of what was read again is overtaken', (t) => {
  const sender = SENDERS[0] ?? '';
  const evidence = evidenceOf(acceptedOf([4]), { [sender]: [1, 0, 3, 2] });
  const { reordered, overtaken } = check({ ...evidence, readings: [2] });
  t.deepEqual(reordered.map(textOf), [`${sender} 0`]);
  t.deepEqual(overtaken.map(textOf), [`${sender} 2`]);
});

test('checker - blames a loss on the fault during which it was accepted', (t) => {
  const accepted = acceptedOf([1]).map((line) => ({ ...line, atMs: 2.5 * FAULT_EVERY_MS }));
  t.deepEqual(
    check(evidenceOf(accepted, {})).lost.map(({ blame }) => blame),
    [2],
  );
  const early = accepted.map((line) => ({ ...line, atMs: -1 }));
  t.is(check(evidenceOf(early, {})).lost[0]?.blame, -1);
});

test('checker - a line said on IRC that nobody stored is unheard, and one that arrived all the same unpromised', (t) => {
  const sender = SENDERS[0] ?? '';
  const said = upTo(4).map((number) => ({ sender, number }));
  const verdict = check({ ...evidenceOf(acceptedOf([2]), { [sender]: [0, 1, 2] }), said });
  t.is(verdict.unheard, 2);
  t.is(verdict.unpromised, 1);
  t.deepEqual(verdict.lost, []);
});

test('checker - a side that does not expect a sender misses nothing of it', (t) => {
  const side: Side = { ...sideOf({}), expects: (sender) => sender !== SENDERS[0] };
  const verdict = check({ ...evidenceOf(acceptedOf([5]), {}), sides: [side] });
  t.is(verdict.expected, 0);
  t.deepEqual(verdict.lost, []);
});

test('checker - a line is found behind what a network puts in front of it', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...SENDERS), fc.nat(), fc.string(), (sender, number, before) => {
      t.deepEqual(lineIn(`${before} ${textOf({ sender, number })}`), { sender, number });
    }),
  );
  t.is(lineIn('12 older messages from 3 rooms skipped'), null);
});

import test from 'ava';
import { ReplayGuard } from '../../src/network/replay-guard.js';

const stored = () => Promise.resolve({ sequence: 1, duplicate: false });

function guarded(capacity = 100) {
  let ms = 0;
  return { guard: new ReplayGuard(() => ms, capacity), pass: (by: number) => (ms += by) };
}

test('replay guard - knows an id that came before, and how its storing went', async (t) => {
  const { guard } = guarded();
  t.is(guard.firstOf('a'), undefined);
  guard.remember('a', stored());
  t.deepEqual(await guard.firstOf('a'), { sequence: 1, duplicate: false });
});

test('replay guard - forgets an id that could not be stored', async (t) => {
  const { guard } = guarded();
  const storing = Promise.reject(new Error('full'));
  guard.remember('a', storing);
  await t.throwsAsync(storing);
  t.is(guard.firstOf('a'), undefined);
});

test('replay guard - is no proof before it has watched for two minutes', (t) => {
  const { guard, pass } = guarded();
  t.false(guard.isComplete);
  pass(120_000);
  t.true(guard.isComplete);
});

test('replay guard - an overflow makes it incomplete for two minutes', (t) => {
  const { guard, pass } = guarded(3);
  pass(119_000);
  for (const id of ['a', 'b', 'c', 'd']) guard.remember(id, stored());
  pass(2_000);
  t.false(guard.isComplete);
  pass(120_000);
  t.true(guard.isComplete);
});

test('replay guard - keeps an id for two minutes at least, and not for ever', (t) => {
  const { guard, pass } = guarded();
  guard.remember('a', stored());
  pass(119_999);
  guard.remember('b', stored());
  t.truthy(guard.firstOf('a'));
  pass(120_000);
  guard.remember('c', stored());
  pass(120_000);
  guard.remember('d', stored());
  t.is(guard.firstOf('a'), undefined);
});

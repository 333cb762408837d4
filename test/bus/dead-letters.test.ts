import test from 'ava';
import type { DeadLetter } from '../../src/bus/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, openBus } from './fixtures.js';

function letter(network: string, text: string): DeadLetter {
  return {
    network,
    channel: '#lobby',
    reason: '404 cannot send to channel',
    attempts: 1,
    time: '2026-11-20T20:42:00.123Z',
    event: makeEvent('lobby', text),
  };
}

test('dead letters - are listed oldest first, per network or all', async (t) => {
  const { dead } = await openBus(t, (await startNats(t)).address);
  for (const [network, text] of [
    ['libera', 'one'],
    ['#odd net', 'two'],
    ['libera', 'three'],
  ] as const) {
    await dead.put(letter(network, text));
  }
  const list = async (network: string | null, limit: number) =>
    (await dead.list(network, limit)).map(({ event, sequence }) => [event.data.text, sequence]);
  t.deepEqual(await list(null, 10), [
    ['one', 1],
    ['two', 2],
    ['three', 3],
  ]);
  t.deepEqual(await list('libera', 10), [
    ['one', 1],
    ['three', 3],
  ]);
  t.deepEqual(await list('#odd net', 10), [['two', 2]]);
  t.deepEqual(await list(null, 1), [['three', 3]]);
});

test('dead letters - can be read and dropped one by one', async (t) => {
  const { dead } = await openBus(t, (await startNats(t)).address);
  const kept = letter('libera', 'one');
  await dead.put(kept);
  t.deepEqual(await dead.get(1), kept);
  t.true(await dead.drop(1));
  t.false(await dead.drop(1));
  t.is(await dead.get(1), null);
  t.is(await dead.get(99), null);
});

test('dead letters - of one network or of all are dropped at once', async (t) => {
  const { dead } = await openBus(t, (await startNats(t)).address);
  for (const network of ['a', 'b', 'a']) await dead.put(letter(network, 'x'));
  t.is(await dead.dropAll('a'), 2);
  t.is(await dead.dropAll('a'), 0);
  t.is(await dead.dropAll(null), 1);
  t.deepEqual(await dead.list(null, 10), []);
});

test('dead letters - the same event for the same channel is kept once', async (t) => {
  const { dead } = await openBus(t, (await startNats(t)).address);
  const one = letter('libera', 'x');
  await dead.put(one);
  await dead.put(one);
  await dead.put({ ...one, channel: '#other' });
  t.is((await dead.list(null, 10)).length, 2);
});

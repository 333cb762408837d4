import test from 'ava';
import { startNats } from '../peers/nats.js';
import { openBus, until } from './fixtures.js';

test('buckets - keep JSON under keys of any text', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const bucket = await bus.bucket<{ readonly n: number }>('TOKENS');
  const keys = ['plain', '#chan nel', 'a.b.', '', 'ä:@', '>'];
  for (const [n, key] of keys.entries()) await bucket.put(key, { n });
  for (const [n, key] of keys.entries()) t.deepEqual(await bucket.get(key), { n });
  t.is(await bucket.get('missing'), null);
  t.deepEqual(await bucket.entries(), new Map(keys.map((key, n) => [key, { n }])));
});

test('buckets - forget what is deleted', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const bucket = await bus.bucket<number>('NETWORKS');
  await bucket.put('a', 1);
  await bucket.delete('a');
  await bucket.delete('never there');
  t.is(await bucket.get('a'), null);
  t.deepEqual(await bucket.entries(), new Map());
});

test('buckets - an empty one has no entries', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  t.deepEqual(await (await bus.bucket('MESSAGE_MAP')).entries(), new Map());
});

test('buckets - a watcher hears what is there, then each change, until it stops', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const other = await (await openBus(t, server.address)).bucket<number>('NETWORKS');
  await other.put('a', 1);
  const heard: [string, number | null][] = [];
  const watching = await (await bus.bucket<number>('NETWORKS')).watch((key, value) =>
    heard.push([key, value]),
  );
  t.deepEqual(heard, [['a', 1]]);
  await other.put('b', 2);
  await other.delete('a');
  await until('both changes are there', () => heard.length === 3);
  t.deepEqual(heard, [
    ['a', 1],
    ['b', 2],
    ['a', null],
  ]);
  await watching.stop();
  await watching.closed;
  await other.put('c', 3);
  await bus.ping();
  t.is(heard.length, 3);
});

test('buckets - a watcher goes on after the server was away', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const bucket = await bus.bucket<number>('NETWORKS');
  const heard = new Map<string, number | null>();
  await bucket.watch((key, value) => heard.set(key, value));
  await server.restart();
  await until('connected again', () => bus.state === 'connected');
  await bucket.put('a', 1);
  await until('it is heard', () => heard.get('a') === 1, 60_000);
  t.pass();
});

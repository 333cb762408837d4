import test from 'ava';
import { connect } from 'nats';
import type { Bus, LoggedEvent } from '../../src/bus/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, numbered, openBus, storeAll, until } from './fixtures.js';

async function followed(bus: Bus, room: string, after: number | null) {
  const got: LoggedEvent[] = [];
  const subscription = await bus.follow(room, after, (event) => got.push(event));
  return { got, subscription, texts: () => got.map(({ event }) => event.data.text) };
}

test('follow - null begins with what is stored from now on', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  await storeAll(bus, 'lobby', ['old']);
  const follower = await followed(bus, 'lobby', null);
  const { sequence } = await bus.store(makeEvent('lobby', 'new'));
  await until('the new one is there', () => follower.got.length > 0);
  t.deepEqual(follower.texts(), ['new']);
  t.is(follower.got[0]?.sequence, sequence);
});

test('follow - replays the log after a sequence and goes on live, each event once', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  await storeAll(bus, 'lobby', numbered(3000));
  const live = storeAll(bus, 'lobby', numbered(3000, 3000));
  const follower = await followed(bus, 'lobby', 10);
  await live;
  await storeAll(bus, 'lobby', numbered(10, 6000));
  await until('all are there', () => follower.got.length >= 6000);
  t.deepEqual(follower.texts(), numbered(6000, 10));
});

test('follow - hears only its own room', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const follower = await followed(bus, 'lobby', 0);
  for (const text of numbered(50)) {
    await bus.store(makeEvent('other', text));
    await bus.store(makeEvent('lobby', text));
  }
  await until('all are there', () => follower.got.length >= 50);
  t.deepEqual(follower.texts(), numbered(50));
});

test('follow - a thousand followers share one subscription and one decoding', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const followers = await Promise.all(Array.from({ length: 1000 }, () => followed(bus, 'lobby', null)));
  await storeAll(bus, 'lobby', numbered(20));
  await until('all have all', () => followers.every(({ got }) => got.length === 20));
  const [one, other] = followers;
  t.is(one?.got[5]?.event, other?.got[5]?.event);
  t.deepEqual(other?.texts(), numbered(20));
});

test('follow - stop ends one follower and leaves the others', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const one = await followed(bus, 'lobby', null);
  const other = await followed(bus, 'lobby', null);
  await one.subscription.stop();
  await one.subscription.closed;
  await storeAll(bus, 'lobby', ['x']);
  await until('the other has it', () => other.got.length === 1);
  t.is(one.got.length, 0);
  await other.subscription.stop();
  const again = await followed(bus, 'lobby', null);
  await storeAll(bus, 'lobby', ['y']);
  await until('the new one has it', () => again.got.length === 1);
  t.deepEqual(again.texts(), ['y']);
});

for (const way of ['restart', 'kill'] as const) {
  test(`follow - has no gap when the server goes by ${way}`, async (t) => {
    const server = await startNats(t);
    const bus = await openBus(t, server.address);
    const writer = await openBus(t, server.address);
    const follower = await followed(bus, 'lobby', null);
    const writing = (async () => {
      for (let start = 0; start < 4000; start += 100) await storeAll(writer, 'lobby', numbered(100, start));
    })();
    await until('some are there', () => follower.got.length > 500);
    if (way === 'restart') await server.restart();
    else await server.kill().then(server.start);
    await writing;
    await until('all are there', () => follower.got.length >= 4000);
    t.deepEqual(follower.texts(), numbered(4000));
  });
}

test('follow - reads from the log what the live subject has lost', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  const follower = await followed(bus, 'lobby', null);
  await storeAll(bus, 'lobby', ['one']);
  await until('the first is there', () => follower.got.length === 1);
  // Republishing off for a while is what a slow client sees: stored, but never heard.
  const manager = await admin.jetstreamManager();
  const { config } = await manager.streams.info('ROOMS');
  const { republish, ...silent } = config;
  await manager.streams.update('ROOMS', silent).catch(() => t.log('this server cannot turn it off'));
  await storeAll(bus, 'lobby', ['two', 'three']);
  await manager.streams.update('ROOMS', { ...config, ...(republish === undefined ? {} : { republish }) });
  await storeAll(bus, 'lobby', ['four']);
  await until('all are there', () => follower.got.length >= 4);
  t.deepEqual(follower.texts(), ['one', 'two', 'three', 'four']);
});

test('follow - what fell out of the log does not hold up a follower from the past', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  await storeAll(bus, 'lobby', numbered(10));
  const live = await followed(bus, 'lobby', null);
  await (await admin.jetstreamManager()).streams.purge('ROOMS');
  const late = await followed(bus, 'lobby', 2);
  await storeAll(bus, 'lobby', ['new']);
  await until('both have it', () => live.got.length === 1 && late.got.length === 1);
  t.deepEqual(late.texts(), ['new']);
});

test('follow - goes on with a log that was lost and made anew', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  await storeAll(bus, 'lobby', numbered(10));
  const follower = await followed(bus, 'lobby', null);
  await (await admin.jetstreamManager()).streams.delete('ROOMS');
  await storeAll(bus, 'lobby', numbered(3));
  await until('the new log is heard', () => follower.got.length === 3);
  const late = await followed(bus, 'lobby', 9999);
  await storeAll(bus, 'lobby', ['new']);
  await until('both have it', () => follower.got.length >= 4 && late.got.length >= 1);
  t.deepEqual(follower.texts(), ['0', '1', '2', 'new']);
  t.deepEqual(late.texts(), ['new']);
});

test('follow - leaves out what is no event and goes on', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const plugin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => plugin.close());
  const follower = await followed(bus, 'lobby', null);
  plugin.publish('parley.room.lobby', 'no event');
  await plugin.flush();
  await storeAll(bus, 'lobby', ['one']);
  const late = await followed(bus, 'lobby', 0);
  await until('both have it', () => follower.got.length === 1 && late.got.length === 1);
  t.deepEqual(late.texts(), ['one']);
});

test('follow - a follower that throws does not disturb the others', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  await bus.follow('lobby', null, () => {
    throw new Error('a bug');
  });
  const other = await followed(bus, 'lobby', null);
  await storeAll(bus, 'lobby', ['one', 'two']);
  await until('the other has both', () => other.got.length === 2);
  t.pass();
});

test('follow - ends with the bus', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const { subscription } = await followed(bus, 'lobby', null);
  await bus.close(0);
  await t.notThrowsAsync(subscription.closed);
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { connect, type JetStreamManager } from 'nats';
import { connectBus, type Delivery } from '../../src/bus/index.js';
import { ParleyError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { busOptions, makeEvent, numbered, openBus, storeAll, textOf, until } from './fixtures.js';

async function managerOf(t: ExecutionContext, server: NatsPeer): Promise<JetStreamManager> {
  const nats = await connect({ servers: [...server.address.servers] });
  t.teardown(() => nats.close());
  return nats.jetstreamManager();
}

/** Opens the deliveries of `network` on a connection of their own and keeps what they bring. */
async function owner(t: ExecutionContext, server: NatsPeer, network: string) {
  const bus = await openBus(t, server.address);
  const got: Delivery[] = [];
  const deliveries = await bus.deliveries(network, (delivery) => got.push(delivery));
  return { bus, got, deliveries };
}

test('deliveries - a new network hears new events only', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  await storeAll(bus, 'lobby', ['old']);
  const { got } = await owner(t, server, 'libera');
  await storeAll(bus, 'lobby', ['new']);
  await until('the new one is there', () => got.length > 0);
  t.deepEqual(got.map(textOf), ['new']);
});

test('deliveries - an enlisted network misses nothing that is stored before its first owner', async (t) => {
  const { address } = await startNats(t);
  const bus = await openBus(t, address);
  await storeAll(bus, 'lobby', ['before']);
  await Promise.all([bus.enlist('quakenet'), bus.enlist('quakenet')]);
  await storeAll(bus, 'lobby', ['early']);
  const texts: string[] = [];
  await bus.deliveries('quakenet', (delivery) => texts.push(textOf(delivery)));
  await until('the early one', () => texts.length === 1);
  t.deepEqual(texts, ['early']);
});

test('deliveries - a known network goes on where it was', async (t) => {
  const server = await startNats(t);
  const first = await owner(t, server, 'libera');
  await storeAll(first.bus, 'lobby', numbered(10));
  await until('ten are there', () => first.got.length === 10);
  for (const delivery of first.got) delivery.ack();
  await first.deliveries.stop();
  await storeAll(first.bus, 'lobby', numbered(10, 10));
  const second = await owner(t, server, 'libera');
  await until('ten more are there', () => second.got.length === 10);
  t.deepEqual(second.got.map(textOf), numbered(10, 10));
  t.false(second.got.some(({ redelivered }) => redelivered));
});

test('deliveries - tell id, sequence and what waits without decoding', async (t) => {
  const server = await startNats(t);
  const { bus, got } = await owner(t, server, 'libera');
  const event = makeEvent('lobby', 'x');
  const { sequence } = await bus.store(event);
  await until('it is there', () => got.length === 1);
  const [delivery] = got;
  t.is(delivery?.id, event.id);
  t.is(delivery?.sequence, sequence);
  t.is(delivery?.pending, 0);
  t.deepEqual(delivery?.event(), event);
});

test('deliveries - take the id of an event published without the header from its body', async (t) => {
  const server = await startNats(t);
  const { got } = await owner(t, server, 'libera');
  const plugin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => plugin.close());
  const event = makeEvent('lobby', 'from a plugin');
  plugin.publish('parley.room.lobby', JSON.stringify(event));
  plugin.publish('parley.room.lobby', 'no event at all');
  await until('both are there', () => got.length === 2);
  t.is(got[0]?.id, event.id);
  t.is(got[1]?.id, 'sequence-2');
  t.throws(() => got[1]?.event(), { code: 'EVENT_INVALID' });
});

test('deliveries - a handler that throws does not end the others', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const seen: string[] = [];
  await bus.deliveries('libera', (delivery) => {
    seen.push(textOf(delivery));
    throw new Error('a bug');
  });
  await storeAll(bus, 'lobby', ['one', 'two']);
  await until('both are there', () => seen.length === 2);
  t.pass();
});

test('deliveries - the next owner gets what the killed one held, in order, before anything new', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const child = fork(new URL('./owner.js', import.meta.url), [
    server.address.servers[0] ?? '',
    'libera',
    '5000',
  ]);
  t.deepEqual(await once(child, 'message'), ['open', undefined]);
  await storeAll(bus, 'lobby', numbered(5000));
  t.deepEqual(await once(child, 'message'), ['full', undefined]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await storeAll(bus, 'lobby', numbered(500, 5000));

  const texts: string[] = [];
  const redelivered: boolean[] = [];
  let lastAt = 0;
  const before = performance.now();
  await bus.deliveries('libera', (delivery) => {
    texts.push(textOf(delivery));
    redelivered.push(delivery.redelivered);
    delivery.ack();
    lastAt = performance.now();
  });
  const unacked = numbered(5000).filter((_, index) => index % 3 === 0);
  const expected = [...unacked, ...numbered(500, 5000)];
  await until('all are there', () => texts.length >= expected.length);
  t.deepEqual(texts, expected);
  t.deepEqual(
    redelivered,
    expected.map((text) => Number(text) < 5000),
  );
  t.log(`${expected.length} events ${Math.round(lastAt - before)} ms after the opening`);
});

test('deliveries - an owner that dies while taking over leaves everything to the next', async (t) => {
  const server = await startNats(t);
  const first = await owner(t, server, 'libera');
  await storeAll(first.bus, 'lobby', numbered(3000));
  await until('all are in hand', () => first.got.length === 3000);
  await first.bus.close(0);
  for (let round = 0; round < 3; round += 1) {
    const dying = await connectBus(busOptions(server.address), silentLogger);
    let some = false;
    await dying.deliveries('libera', () => {
      some = true;
    });
    if (round > 0) await until('it has begun', () => some);
    await dying.close(0);
  }
  const last = await owner(t, server, 'libera');
  await until('all are there', () => last.got.length >= 3000);
  t.deepEqual(last.got.map(textOf), numbered(3000));
  t.true(last.got.every((delivery) => delivery.redelivered));
});

test('deliveries - what fell out of the log meanwhile does not hold up the rest', async (t) => {
  const server = await startNats(t);
  const first = await owner(t, server, 'libera');
  await storeAll(first.bus, 'lobby', numbered(20));
  await until('all are in hand', () => first.got.length === 20);
  await first.bus.close(0);
  const manager = await managerOf(t, server);
  await manager.streams.purge('ROOMS', { seq: 11 });
  const second = await owner(t, server, 'libera');
  await storeAll(second.bus, 'lobby', ['new']);
  await until('the rest is there', () => second.got.length >= 11);
  t.deepEqual(second.got.map(textOf), [...numbered(10, 10), 'new']);
  await second.bus.close(0);
  await manager.streams.purge('ROOMS');
  const third = await owner(t, server, 'libera');
  await storeAll(third.bus, 'lobby', ['newer']);
  await until('the newer one is there', () => third.got.length >= 1);
  t.deepEqual(third.got.map(textOf), ['newer']);
});

for (const way of ['restart', 'kill'] as const) {
  test(`deliveries - nothing is lost or handed over twice when the server goes by ${way}`, async (t) => {
    const server = await startNats(t);
    const { bus, got, deliveries } = await owner(t, server, 'libera');
    await storeAll(bus, 'lobby', numbered(1000));
    await until('all are in hand', () => got.length === 1000);
    for (const [index, delivery] of got.entries()) if (index % 2 === 0) delivery.ack();
    const later = storeAll(bus, 'lobby', numbered(500, 1000));
    if (way === 'restart') await server.restart();
    else await server.kill().then(server.start);
    await later;
    await until('all are there', () => got.length >= 1500);
    t.deepEqual(got.map(textOf), numbered(1500));
    for (const delivery of got) delivery.ack();
    await until('nothing is left', async () => {
      // Rejected while the client has not connected again.
      const lag = await deliveries.lag().catch(() => null);
      return lag?.waiting === 0 && lag.unacked === 0;
    });
  });
}

test('deliveries - acknowledgements given while the server is away are not forgotten', async (t) => {
  const server = await startNats(t);
  const { bus, got, deliveries } = await owner(t, server, 'libera');
  await storeAll(bus, 'lobby', numbered(300));
  await until('all are in hand', () => got.length === 300);
  await server.kill();
  await until('the loss is noticed', () => bus.state === 'reconnecting');
  for (const delivery of got) delivery.ack();
  await server.start();
  await until('the server has heard', async () => {
    return bus.state === 'connected' && (await deliveries.lag()).unacked === 0;
  });
  t.is(got.length, 300);
});

test('deliveries - what the server sends to a vanished machine is not lost', async (t) => {
  const server = await startNats(t);
  const first = await owner(t, server, 'libera');
  await first.deliveries.stop();
  // A machine without power: its requests stay open, its connection too, and nobody reads.
  const ghost = await connect({ servers: [...server.address.servers] });
  t.teardown(() => ghost.close());
  ghost.subscribe('ghost', { callback: () => {} });
  ghost.publish('$JS.API.CONSUMER.MSG.NEXT.ROOMS.libera', JSON.stringify({ batch: 1000, expires: 1e9 }), {
    reply: 'ghost',
  });
  await ghost.flush();
  await storeAll(first.bus, 'lobby', numbered(100));
  const next = await owner(t, server, 'libera');
  await until('all are there', () => next.got.length >= 100);
  t.deepEqual(next.got.map(textOf), numbered(100));
});

test('deliveries - a deleted consumer is made again where it was', async (t) => {
  const server = await startNats(t);
  const { bus, got, deliveries } = await owner(t, server, 'libera');
  await storeAll(bus, 'lobby', numbered(100));
  await until('all are in hand', () => got.length === 100);
  for (const [index, delivery] of got.entries()) if (index !== 50) delivery.ack();
  await until('the server has counted them', async () => (await deliveries.lag()).unacked === 1);
  const manager = await managerOf(t, server);
  // nats-server 2.9.10 may find its own state file in the way when acknowledgements have just come.
  await until('the consumer to be deleted', () =>
    manager.consumers.delete('ROOMS', 'libera').catch(() => false),
  );
  await storeAll(bus, 'lobby', numbered(100, 100));
  await until('all are there', () => got.length >= 200);
  t.deepEqual(got.map(textOf), numbered(200));
});

test('deliveries - a log that was lost is made anew and heard from its start', async (t) => {
  const server = await startNats(t);
  const { bus, got } = await owner(t, server, 'libera');
  await storeAll(bus, 'lobby', numbered(10));
  await until('all are in hand', () => got.length === 10);
  const manager = await managerOf(t, server);
  await manager.streams.delete('ROOMS');
  await storeAll(bus, 'lobby', numbered(10, 10));
  await until('the new ones are there', () => got.length >= 20);
  t.deepEqual(got.map(textOf), numbered(20));
});

test('deliveries - a forgotten network begins anew', async (t) => {
  const server = await startNats(t);
  const first = await owner(t, server, 'libera');
  await storeAll(first.bus, 'lobby', ['old']);
  await first.deliveries.stop();
  await first.bus.forget('libera');
  await first.bus.forget('libera');
  const second = await owner(t, server, 'libera');
  await storeAll(second.bus, 'lobby', ['new']);
  await until('the new one is there', () => second.got.length > 0);
  t.deepEqual(second.got.map(textOf), ['new']);
});

test('deliveries - refuse a consumer of the same name that is not ours', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const manager = await managerOf(t, server);
  await manager.consumers.add('ROOMS', { durable_name: 'libera', filter_subject: 'parley.room.other' });
  const error = await t.throwsAsync(
    bus.deliveries('libera', () => {}),
    { instanceOf: ParleyError },
  );
  t.is(error.code, 'BACKBONE_CONFLICT');
});

test('deliveries - many networks each get everything', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const counts = new Map<string, number>();
  for (const network of numbered(20)) {
    await bus.deliveries(network, (delivery) => {
      counts.set(network, (counts.get(network) ?? 0) + 1);
      delivery.ack();
    });
  }
  await storeAll(bus, 'lobby', numbered(200));
  await until('all have all', () => [...counts.values()].filter((count) => count === 200).length === 20);
  t.pass();
});

import test from 'ava';
import { connect, type NatsConnection } from 'nats';
import { Connection } from '../../src/bus/connection.js';
import { connectBus } from '../../src/bus/index.js';
import { Publisher } from '../../src/bus/publisher.js';
import { ParleyError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { busOptions, makeEvent, numbered, openBus, storeAll, until } from './fixtures.js';

async function textsOf(bus: Awaited<ReturnType<typeof openBus>>, room: string): Promise<string[]> {
  return (await bus.read(room, { limit: 100_000 })).map(({ event }) => event.data.text);
}

test('publisher - stores in call order and says where', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const texts = numbered(3000);
  const stored = await Promise.all(texts.map((text) => bus.store(makeEvent('lobby', text))));
  t.deepEqual(
    stored.map(({ sequence }) => sequence),
    texts.map((_, index) => index + 1),
  );
  t.deepEqual(await textsOf(bus, 'lobby'), texts);
  t.is(bus.unstored, 0);
});

test('publisher - the same id is stored once and says so', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const event = makeEvent('lobby', 'once');
  t.deepEqual(await bus.store(event), { sequence: 1, duplicate: false });
  t.deepEqual(await bus.store(event), { sequence: 1, duplicate: true });
  t.is((await bus.usage()).messages, 1);
});

test('publisher - keeps what comes while the server is away and stores it in order', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  await storeAll(bus, 'lobby', numbered(100));
  await server.kill();
  const waiting = storeAll(bus, 'lobby', numbered(500, 100));
  t.is(bus.unstored, 500);
  await until('the loss is noticed', () => bus.state === 'reconnecting');
  const later = storeAll(bus, 'lobby', numbered(400, 600));
  await server.start();
  await Promise.all([waiting, later]);
  t.deepEqual(await textsOf(bus, 'lobby'), numbered(1000));
});

test('publisher - loses and doubles nothing over kills in the middle of a stream of events', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const texts = numbered(6000);
  const pending: Promise<unknown>[] = [];
  for (const [index, text] of texts.entries()) {
    pending.push(bus.store(makeEvent('lobby', text)));
    if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (index % 2000 === 1000) await server.kill().then(server.start);
  }
  await Promise.all(pending);
  t.deepEqual(await textsOf(bus, 'lobby'), texts);
});

test('publisher - makes a stream that was deleted again and stores what waited', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  await (await admin.jetstreamManager()).streams.delete('ROOMS');
  await storeAll(bus, 'lobby', numbered(200));
  t.deepEqual(await textsOf(bus, 'lobby'), numbered(200));
});

test('publisher - refuses a body that the server would not take, and only that', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const results = await Promise.allSettled([
    bus.store(makeEvent('lobby', 'one')),
    bus.store(makeEvent('lobby', 'x'.repeat(1024 * 1024))),
    bus.store(makeEvent('lobby', 'two')),
  ]);
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.deepEqual(await textsOf(bus, 'lobby'), ['one', 'two']);
});

test('publisher - refuses an id that would end the header line', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const event = { ...makeEvent('lobby', 'x'), id: 'a\r\nNats-Rollup: all' };
  const error = await t.throwsAsync(bus.store(event), { instanceOf: ParleyError });
  t.is(error.code, 'EVENT_INVALID');
});

test('publisher - rejects only what the server does not permit', async (t) => {
  const server = await startNats(t, {
    user: 'gateway',
    password: 'secret',
    config: `authorization { users: [{ user: gateway, password: secret,
      permissions: { publish: { allow: [">"], deny: ["parley.room.secret"] }, subscribe: ">" } }] }`,
  });
  const bus = await openBus(t, server.address);
  const results = await Promise.allSettled(
    ['lobby', 'secret', 'lobby', 'secret'].map((room) => bus.store(makeEvent(room, 'x'))),
  );
  t.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.reason.code : 'stored')),
    ['stored', 'BACKBONE_DENIED', 'stored', 'BACKBONE_DENIED'],
  );
  t.is(bus.unstored, 0);
});

test('publisher - is full at its limit and takes events again when the backbone is back', async (t) => {
  const server = await startNats(t);
  await openBus(t, server.address);
  const publisher = await limited(t, server, 10);
  await server.kill();
  await until('the loss is noticed', () => publisher.connection.state === 'reconnecting');
  const data = new TextEncoder().encode('{}');
  const store = (id: string) => publisher.publish(id, 'parley.room.lobby', data);
  const waiting = numbered(10).map((id) => store(id));
  const error = await t.throwsAsync(store('one too many'.replaceAll(' ', '-')), { instanceOf: ParleyError });
  t.is(error.code, 'OUTBOX_FULL');
  await server.start();
  await Promise.all(waiting);
  await t.notThrowsAsync(store('again'));
});

async function limited(t: Parameters<typeof openBus>[0], server: NatsPeer, maxEvents: number) {
  const nats: NatsConnection = await connect({
    servers: [...server.address.servers],
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const connection = new Connection(nats, silentLogger);
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => warnings.push(message) };
  const publisher = new Publisher(connection, log, {
    maxEvents,
    maxBytes: 1024,
    window: 100,
    answerTimeoutMs: 1000,
  });
  t.teardown(async () => {
    await publisher.close(0);
    await connection.close();
  });
  return {
    connection,
    warnings,
    publish: (id: string, subject: string, data: Uint8Array) => publisher.publish(id, subject, data),
  };
}

test('publisher - sends again what a frozen server never answered', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const publisher = await limited(t, server, 100);
  await server.freeze();
  const data = new TextEncoder().encode('{}');
  const waiting = numbered(20).map((id) => publisher.publish(id, 'parley.room.lobby', data));
  await until('it has begun to send the first one again', () => publisher.warnings.length > 0);
  server.thaw();
  const stored = await Promise.all(waiting);
  t.deepEqual(
    stored.map(({ sequence }) => sequence),
    numbered(20, 1).map(Number),
  );
  t.is((await bus.usage()).messages, 20);
});

test('publisher - close waits for what is on its way', async (t) => {
  const bus = await connectBus(busOptions((await startNats(t)).address), silentLogger);
  const waiting = storeAll(bus, 'lobby', numbered(1000));
  await bus.close(5000);
  await t.notThrowsAsync(waiting);
});

test('publisher - close gives up after its grace and says so', async (t) => {
  const server = await startNats(t);
  const bus = await connectBus(busOptions(server.address), silentLogger);
  await server.kill();
  const waiting = bus.store(makeEvent('lobby', 'x'));
  const rejected = t.throwsAsync(waiting, { instanceOf: ParleyError });
  await bus.close(50);
  t.is((await rejected)?.code, 'BACKBONE_UNAVAILABLE');
});

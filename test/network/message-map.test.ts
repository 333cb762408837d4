import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Bus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { encodeSource } from '../../src/message/index.js';
import { MessageMap } from '../../src/network/message-map.js';
import { openBus } from '../bus/fixtures.js';
import { eventOf } from '../message/events.js';
import { until } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

function openMap(t: ExecutionContext, bus: Bus): MessageMap {
  const map = new MessageMap(bus, silentLogger);
  t.teardown(() => map.stop());
  return map;
}

const said = (id: string, subject = 'lobby') => ({ ...eventOf('chat.message'), id, subject });

test('message map - what one gateway heard and said, another finds, by either side', async (t) => {
  const nats = await startNats(t);
  const [here, there] = [
    openMap(t, await openBus(t, nats.address)),
    openMap(t, await openBus(t, nats.address)),
  ];
  here.heard('libera', '#quake', 'm1', [said('e1'), said('e2', 'second')]);
  here.said('discord', '123', said('e1'), ['d1', 'd2']);
  await until(() => there.natives('e1', 'discord', '123'), { what: 'the entries', deadlineMs: 15_000 });
  t.deepEqual(await there.natives('e1', 'discord', '123'), ['d1', 'd2']);
  t.deepEqual(await there.natives('e2', 'libera', '#quake'), ['m1']);
  t.deepEqual(await there.known('libera', '#quake', 'm1'), {
    rooms: { lobby: 'e1', second: 'e2' },
    ours: false,
  });
  t.deepEqual(await there.known('discord', '123', 'd2'), { rooms: { lobby: 'e1' }, ours: true });
  t.is(await there.natives('e1', 'libera', '#other'), null);
});

test('message map - what is put is found at once, and written when the process stops', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const map = new MessageMap(bus, silentLogger);
  map.said('n', 'c', said('e1'), ['a']);
  t.deepEqual(map.peekNatives('e1', 'n', 'c'), ['a']);
  await map.stop();
  t.deepEqual(await openMap(t, bus).natives('e1', 'n', 'c'), ['a']);
});

test('message map - a burst of ten thousand is all there, also what memory forgot', async (t) => {
  const nats = await startNats(t);
  const map = openMap(t, await openBus(t, nats.address));
  for (let i = 0; i < 10_000; i += 1) map.said('n', 'c', said(`e${i}`), [`m${i}`]);
  await map.stop();
  t.is(map.lost, 0);
  t.is(map.peekKnown('n', 'c', 'm0'), null);
  for (const i of [0, 1, 511, 512, 5_000, 9_999])
    t.deepEqual(await map.natives(`e${i}`, 'n', 'c'), [`m${i}`]);
});

test('message map - what the backbone was away for is written when it is back', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const map = openMap(t, bus);
  map.said('n', 'c', said('e0'), ['m0']);
  const other = openMap(t, bus);
  await until(() => other.natives('e0', 'n', 'c'), { what: 'the first', deadlineMs: 15_000 });
  await nats.kill();
  map.said('n', 'c', said('e1'), ['m1']);
  t.deepEqual(await map.natives('e1', 'n', 'c'), ['m1']);
  t.is(await map.natives('unknown', 'n', 'c'), null);
  await nats.restart();
  await until(() => other.natives('e1', 'n', 'c'), { what: 'the second', deadlineMs: 20_000 });
  t.pass();
});

test('message map - an event that comes again from the log is known again', async (t) => {
  const nats = await startNats(t);
  const map = openMap(t, await openBus(t, nats.address));
  const event = eventOf('chat.message', { native: { id: 'm1', channel: '#a' } });
  await map.restore({ ...event, id: 'e1', subject: 'lobby', source: encodeSource('libera', '#a') });
  await map.restore({ ...event, id: 'e2', subject: 'second', source: encodeSource('libera', '#a') });
  t.deepEqual(await map.known('libera', '#a', 'm1'), {
    rooms: { lobby: 'e1', second: 'e2' },
    ours: false,
  });
});

test('message map - whatever the network calls its messages and channels, they are kept apart', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const [writer, reader] = [openMap(t, bus), openMap(t, bus)];
  const token = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(token, token, async (channel, nativeId) => {
      count += 1;
      writer.heard('n', channel, nativeId, [said(`e${count}`)]);
      t.is(writer.peekKnown('n', channel, nativeId)?.rooms.lobby, `e${count}`);
      t.deepEqual(writer.peekNatives(`e${count}`, 'n', channel), [nativeId]);
    }),
    { numRuns: 100 },
  );
  writer.heard('n', '\0 *>.', `${'ä'.repeat(300)}\r\n`, [said('last')]);
  await writer.stop();
  t.is((await reader.known('n', '\0 *>.', `${'ä'.repeat(300)}\r\n`))?.rooms.lobby, 'last');
});

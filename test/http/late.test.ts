/** Readers of streams where a server has an odd copy of the log (docs/decisions/0008). */
import test from 'ava';
import type { Bus } from '../../src/bus/index.js';
import { newId } from '../../src/message/index.js';
import { openBus, storeAll, until } from '../bus/fixtures.js';
import { startNats } from '../peers/nats.js';
import { openSse, openWebSocket, type StreamEvent } from './events.js';
import { openStage } from './fixtures.js';

const PATH = '/v1/rooms/lobby/stream';

function textsOf(events: readonly StreamEvent[]): readonly string[] {
  return events.map(({ data }) => data.text);
}

/** Begins a second look at the log from there on, as a node that has found an odd copy. */
function lookFrom(bus: Bus, sequence: number): Promise<void> {
  return bus.readAgain(new Map([['nobody', sequence]]));
}

/** A bus whose pages lack what says so, while `isOdd`. */
function withOddPages(bus: Bus, isOdd: () => boolean): Bus {
  const read: Bus['read'] = async (room, page) => {
    const events = await bus.read(room, page);
    return isOdd() ? events.filter(({ event }) => !event.data.text.startsWith('lacking')) : events;
  };
  return new Proxy(bus, {
    get: (target, key) => {
      if (key === 'read') return read;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('late - what a page of an odd copy lacked comes once that is known, once, and leaves the place', async (t) => {
  const nats = await startNats(t);
  let odd = true;
  const bus = withOddPages(await openBus(t, nats.address), () => odd);
  const stage = await openStage(t, { nats, bus });
  await storeAll(bus, 'lobby', ['before', 'one', 'lacking', 'lacking too', 'two']);
  const sse = await openSse(t, stage, PATH, { 'last-event-id': '1' });
  const socket = await openWebSocket(t, stage, `${PATH}?after=1`);
  const fresh = await openSse(t, stage, PATH);
  t.deepEqual(textsOf(await sse.take(2)), ['one', 'two']);
  t.deepEqual(textsOf(await socket.take(2)), ['one', 'two']);

  odd = false;
  await lookFrom(bus, 1);
  t.deepEqual(textsOf(await sse.take(2)), ['lacking', 'lacking too']);
  t.deepEqual(textsOf(await socket.take(2)), ['lacking', 'lacking too']);
  await lookFrom(bus, 1);
  await storeAll(bus, 'lobby', ['three']);
  for (const reader of [sse, socket, fresh]) t.deepEqual(textsOf(await reader.take(1)), ['three']);
  const places = sse.blocks.filter(({ data }) => data !== undefined).map(({ id = '' }) => id.split('.')[0]);
  t.deepEqual(places, ['2', '5', '', '', '6']);
});

test('late - a page of a server that has fallen behind is asked for again', async (t) => {
  const nats = await startNats(t);
  let behind = 3;
  const isBehind = () => {
    behind -= 1;
    return behind >= 0;
  };
  const bus = withOddPages(await openBus(t, nats.address), isBehind);
  const stage = await openStage(t, { nats, bus });
  await storeAll(bus, 'lobby', ['before', 'lacking yet', 'lacking yet, too']);
  const sse = await openSse(t, stage, PATH, { 'last-event-id': '1' });
  t.deepEqual(textsOf(await sse.take(2)), ['lacking yet', 'lacking yet, too']);
});

test('late - a place that the log never had begins before it, at the latest where the odd copy began', async (t) => {
  const stage = await openStage(t);
  await storeAll(stage.bus, 'lobby', ['one', 'two', 'three', 'four']);
  const strange = { 'last-event-id': `3.${newId()}` };
  const all = await openSse(t, stage, PATH, strange);
  t.deepEqual(textsOf(await all.take(4)), ['one', 'two', 'three', 'four']);

  await lookFrom(stage.bus, 2);
  await until('it was told', () => stage.bus.doubted === 2);
  const some = await openSse(t, stage, PATH, strange);
  t.deepEqual(textsOf(await some.take(3)), ['two', 'three', 'four']);
});

test('late - the id of an event of the stream is its place: nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const first = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'lobby', ['one', 'two', 'three']);
  await first.take(2);
  const places = first.blocks.flatMap(({ id }) => (id === undefined ? [] : [id]));
  first.close();
  const second = await openSse(t, stage, PATH, { 'last-event-id': places[1] ?? '' });
  t.deepEqual(textsOf(await second.take(1)), ['three']);
  const socket = await openWebSocket(t, stage, `${PATH}?after=${encodeURIComponent(places[1] ?? '')}`);
  t.deepEqual(textsOf(await socket.take(1)), ['three']);
});

import test from 'ava';
import fc from 'fast-check';
import { connect } from 'nats';
import { type Bus, connectBus, type LoggedEvent } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { startNats } from '../peers/nats.js';
import { busOptions, makeEvent, numbered, openBus, storeAll } from './fixtures.js';

function texts(events: readonly LoggedEvent[]): string[] {
  return events.map(({ event }) => event.data.text);
}

test('history - the last page is the newest, oldest first', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  await storeAll(bus, 'lobby', numbered(30));
  t.deepEqual(texts(await bus.read('lobby', { limit: 5 })), ['25', '26', '27', '28', '29']);
});

test('history - before and after are exclusive', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  await storeAll(bus, 'lobby', numbered(30));
  t.deepEqual(texts(await bus.read('lobby', { before: 11, limit: 3 })), ['7', '8', '9']);
  t.deepEqual(texts(await bus.read('lobby', { after: 11, limit: 3 })), ['11', '12', '13']);
  t.deepEqual(texts(await bus.read('lobby', { after: 11, before: 14, limit: 10 })), ['11', '12']);
});

test('history - an empty room, an empty log and the ends of the log give empty pages', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  t.deepEqual(await bus.read('lobby', { limit: 5 }), []);
  await storeAll(bus, 'lobby', ['one']);
  t.deepEqual(await bus.read('other', { limit: 5 }), []);
  t.deepEqual(await bus.read('lobby', { before: 1, limit: 5 }), []);
  t.deepEqual(await bus.read('lobby', { after: 1, limit: 5 }), []);
  t.deepEqual(await bus.read('lobby', { after: 1000, limit: 5 }), []);
  t.deepEqual(await bus.read('lobby', { limit: 0 }), []);
});

test('history - what is no event is left out', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const plugin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => plugin.close());
  await storeAll(bus, 'lobby', ['one']);
  plugin.publish('parley.room.lobby', '{');
  await plugin.flush();
  await storeAll(bus, 'lobby', ['two']);
  t.deepEqual(texts(await bus.read('lobby', { limit: 10 })), ['one', 'two']);
});

/** 50,000 events, unevenly spread: `busy` has most, `rare` a few, `early` and `late` only at one end. */
async function fillUnevenly(bus: Bus): Promise<ReadonlyMap<string, number[]>> {
  const sequences = new Map<string, number[]>();
  for (let start = 0; start < 50_000; start += 5000) {
    const rooms = Array.from({ length: 5000 }, (_, index) => roomAt(start + index));
    const stored = await Promise.all(rooms.map((room) => bus.store(makeEvent(room, 'x'))));
    for (const [index, room] of rooms.entries()) {
      const list = sequences.get(room) ?? [];
      list.push(stored[index]?.sequence ?? 0);
      sequences.set(room, list);
    }
  }
  return sequences;
}

function roomAt(position: number): string {
  if (position % 1009 === 0) return 'rare';
  if (position < 5000 && position % 7 === 0) return 'early';
  if (position > 45_000 && position % 5 === 0) return 'late';
  return position % 3 === 0 ? `room${position % 40}` : 'busy';
}

test('history - pages are exact in a long log of many rooms', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const sequences = await fillUnevenly(bus);
  for (const room of ['busy', 'rare', 'early', 'late', 'room3']) {
    const all = sequences.get(room) ?? [];
    for (const before of [undefined, 1, 4000, 25_000, 46_000, 50_001]) {
      const page = await bus.read(room, { limit: 50, ...(before === undefined ? {} : { before }) });
      const expected = all.filter((sequence) => sequence < (before ?? 1e9)).slice(-50);
      t.deepEqual(
        page.map(({ sequence }) => sequence),
        expected,
        `${room} before ${before}`,
      );
    }
  }
  const before = performance.now();
  for (let round = 0; round < 20; round += 1) await bus.read('busy', { before: 30_000 + round, limit: 50 });
  t.log(
    `a page of 50 from the middle of 50,000 events: ${((performance.now() - before) / 20).toFixed(1)} ms`,
  );
});

test('history - any page of any log is what it should be', async (t) => {
  const server = await startNats(t);
  let prefixes = 0;
  const room = fc.constantFrom('a', 'b', 'c');
  const page = fc.record(
    {
      before: fc.integer({ min: 0, max: 320 }),
      after: fc.integer({ min: 0, max: 320 }),
      limit: fc.integer({ min: 1, max: 40 }),
    },
    { requiredKeys: ['limit'] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(room, { maxLength: 300 }),
      fc.array(page, { maxLength: 8 }),
      async (rooms, pages) => {
        prefixes += 1;
        const options = busOptions(server.address, { prefix: `p${prefixes}` });
        const bus = await connectBus(options, silentLogger);
        await Promise.all(rooms.map((name) => bus.store(makeEvent(name, 'x'))));
        for (const asked of pages) {
          const got = (await bus.read('a', asked)).map(({ sequence }) => sequence);
          t.deepEqual(got, expectedPage(rooms, asked));
        }
        await bus.close(0);
      },
    ),
    { numRuns: 15 },
  );
});

function expectedPage(
  rooms: readonly string[],
  page: { readonly before?: number; readonly after?: number; readonly limit: number },
): number[] {
  const all = rooms.flatMap((name, index) => (name === 'a' ? [index + 1] : []));
  const inside = all.filter((sequence) => sequence < (page.before ?? 1e9) && sequence > (page.after ?? 0));
  return page.after === undefined ? inside.slice(-page.limit) : inside.slice(0, page.limit);
}

test('history - finds the place of an event by its id', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const events = numbered(3000).map((text) => makeEvent(Number(text) % 2 === 0 ? 'lobby' : 'other', text));
  await Promise.all(events.map((event) => bus.store(event)));
  for (const index of [0, 2, 1500, 2998]) {
    t.is(await bus.sequenceOf('lobby', events[index]?.id ?? ''), index + 1);
  }
  t.is(await bus.sequenceOf('lobby', events[1]?.id ?? ''), null, 'it is in another room');
  t.is(await bus.sequenceOf('lobby', 'nowhere'), null);
  const plugin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => plugin.close());
  const event = makeEvent('lobby', 'without a header');
  plugin.publish('parley.room.lobby', JSON.stringify(event));
  await plugin.flush();
  t.is(await bus.sequenceOf('lobby', event.id), 3001);
});

test('history - says that the backbone is away at once', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  await server.kill();
  while (bus.state === 'connected') await new Promise((resolve) => setImmediate(resolve));
  const before = performance.now();
  await t.throwsAsync(bus.read('lobby', { limit: 1 }), { code: 'BACKBONE_UNAVAILABLE' });
  t.true(performance.now() - before < 1000);
});

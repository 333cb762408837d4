import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect, DiscardPolicy, nanos } from 'nats';
import type { Bus, BusOptions, DrainOutcome, Stored } from '../../../src/bus/index.js';
import { Spool } from '../../../src/bus/spool/spool.js';
import { ParleyError } from '../../../src/errors.js';
import { silentLogger } from '../../../src/log.js';
import { encodeEvent, type ParleyEvent } from '../../../src/message/index.js';
import { type NatsPeer, startNats } from '../../peers/nats.js';
import { temporaryDirectory } from '../../peers/process.js';
import { makeEvent, numbered, openBus, until } from '../fixtures.js';

interface Stage {
  readonly server: NatsPeer;
  readonly bus: Bus;
  readonly path: string;
  /** A bus on the same spool, as the next process has it. The one before must be closed, or dead. */
  next(server?: NatsPeer): Promise<Bus>;
}

async function openStage(t: ExecutionContext, maxBytes = 64 * 1024 * 1024): Promise<Stage> {
  const server = await startNats(t);
  const path = join(await temporaryDirectory(t, 'spool'), 'spool');
  const options: Partial<BusOptions> = { spool: { path, maxBytes, sync: true } };
  const next = (other = server) => openBus(t, other.address, options);
  return { server, path, bus: await next(), next };
}

function eventsOf(texts: readonly string[], room = 'lobby'): readonly ParleyEvent[] {
  return texts.map((text) => makeEvent(room, text));
}

function storeAll(bus: Bus, texts: readonly string[]): Promise<readonly Stored[]> {
  return Promise.all(eventsOf(texts).map((event) => bus.store(event)));
}

async function textsOf(bus: Bus, room = 'lobby'): Promise<string[]> {
  const logged = await bus.read(room, { limit: 100_000 });
  return logged.map(({ event }) => event.data.text);
}

async function isGone(bus: Bus): Promise<void> {
  await until('the loss to be noticed', () => bus.state === 'reconnecting');
}

async function isDrained(bus: Bus): Promise<void> {
  await until('the spool to be drained', () => bus.unstored === 0 && bus.spool?.events === 0, 30_000);
}

test('outbox - a healthy backbone costs nothing on disk', async (t) => {
  const { bus, path } = await openStage(t);
  // Few, so that a machine that is busy elsewhere confirms one within half a second.
  const stored = await storeAll(bus, numbered(100));
  t.deepEqual(stored[99], { sequence: 100, duplicate: false });
  t.deepEqual(await readdir(path), []);
  t.like(bus.spool, { events: 0, since: null, blocked: null });
});

test('outbox - what comes while the server is away is accepted by the spool and stored in order, once', async (t) => {
  const { server, bus, path } = await openStage(t);
  await storeAll(bus, numbered(100));
  await server.kill();
  const noticed = storeAll(bus, numbered(300, 100));
  await isGone(bus);
  const later = storeAll(bus, numbered(2600, 400));
  for (const { spooled, sequence } of [...(await noticed), ...(await later)]) {
    t.true(spooled);
    t.is(sequence, 0);
  }
  t.is(bus.spool?.events, 2900);
  t.is(bus.unstored, 2900);
  t.true((bus.spool?.bytes ?? 0) > 2900 * 200);
  t.is(typeof bus.spool?.since, 'string');
  await server.start();
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), numbered(3000));
  t.deepEqual(
    (await readdir(path)).filter((name) => name.endsWith('.events')),
    [],
  );
  const [direct] = await storeAll(bus, ['after']);
  t.deepEqual(direct, { sequence: 3001, duplicate: false });
});

test('outbox - a frozen server: events are accepted by the spool, and stored once when it goes on', async (t) => {
  const { server, bus } = await openStage(t);
  await storeAll(bus, ['0']);
  await server.freeze();
  const stored = await storeAll(bus, numbered(20, 1));
  t.true(stored.every(({ spooled }) => spooled === true));
  server.thaw();
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), numbered(21));
});

test('outbox - a stream that takes nothing: events wait on disk, and one asks for all', async (t) => {
  const { server, bus } = await openStage(t);
  await storeAll(bus, ['0']);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  const manager = await admin.jetstreamManager();
  let asked = 0;
  admin.subscribe('parley.room.*', { callback: () => (asked += 1) });
  await admin.flush();
  // It answers as one without a leader does: 503.
  const { config } = await manager.streams.info('ROOMS');
  await manager.streams.update('ROOMS', { ...config, discard: DiscardPolicy.New, max_msgs: 1 });
  const stored = await storeAll(bus, numbered(50, 1));
  t.true(stored.every(({ spooled }) => spooled === true));
  const first = asked;
  await until('it has asked again', () => asked >= first + 3);
  t.true(asked - first < 50);
  await manager.streams.update('ROOMS', config);
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), numbered(51));
});

test('outbox - loses, doubles and disorders nothing over kills under a steady stream of events', async (t) => {
  const { server, bus } = await openStage(t);
  const texts = numbered(6000);
  const pending: Promise<unknown>[] = [];
  for (const [index, text] of texts.entries()) {
    pending.push(bus.store(makeEvent('lobby', text)));
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (index % 2000 === 1000) await server.kill().then(server.start);
  }
  await Promise.all(pending);
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), texts);
});

test('outbox - goes direct again although events never stop coming', async (t) => {
  const { server, bus } = await openStage(t);
  await server.kill();
  await isGone(bus);
  await storeAll(bus, numbered(500));
  let sent = 500;
  let running = true;
  let direct = 0;
  const talk = (async () => {
    const open = new Set<Promise<unknown>>();
    while (running) {
      for (let i = 0; i < 5; i += 1) {
        const storing = bus.store(makeEvent('lobby', String(sent))).then(({ spooled }) => {
          if (spooled !== true) direct += 1;
        });
        open.add(storing);
        sent += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(open);
  })();
  await server.start();
  await until('events to go direct', () => direct > 0, 30_000);
  running = false;
  await talk;
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), numbered(sent));
});

test('outbox - what a killed process left is stored by the next one, before anything new', async (t) => {
  const { server, bus, next } = await openStage(t);
  await server.kill();
  await isGone(bus);
  await storeAll(bus, numbered(2000));
  // As if killed, the old bus never hears of its server again.
  const other = await startNats(t);
  const heir = await next(other);
  const after = heir.store(makeEvent('lobby', '2000'));
  await isDrained(heir);
  await after;
  t.deepEqual(await textsOf(heir), numbered(2001));
});

test('outbox - what the log has is not stored again, even when the stream has forgotten its id', async (t) => {
  const { server, bus, path, next } = await openStage(t);
  const admin = await connect({ servers: [...server.address.servers] });
  t.teardown(() => admin.close());
  const manager = await admin.jetstreamManager();
  const { config } = await manager.streams.info('ROOMS');
  await manager.streams.update('ROOMS', { ...config, duplicate_window: nanos(100) });
  const events = eventsOf(numbered(30));
  const [early, late] = [events.slice(0, 20), events.slice(20)];
  await Promise.all(early.map((event) => bus.store(event)));
  const twice = makeEvent('elsewhere', 'x');
  await bus.store(twice);
  await until('the stream to forget', async () => !(await bus.store(twice)).duplicate);
  await bus.close(0);
  // A process that sent the first twenty, heard no answer, and was killed.
  const spool = await Spool.open({ path, maxBytes: 1e6, sync: true }, silentLogger);
  const time = Date.now() - 200_000;
  await spool.append(
    [...early, ...late].map((event) => {
      const { id } = event;
      return { id, subject: 'parley.room.lobby', data: encodeEvent(event), time, maybeStored: false };
    }),
  );
  await spool.close();
  const heir = await next();
  const outcomes: DrainOutcome[] = [];
  heir.onDrained((_, outcome) => outcomes.push(outcome));
  await isDrained(heir);
  t.deepEqual(await textsOf(heir), numbered(30));
  t.is(outcomes.filter((outcome) => outcome === 'duplicate').length, 20);
});

test('outbox - close leaves in the spool what the backbone does not take', async (t) => {
  const { server, bus, next } = await openStage(t);
  await server.freeze();
  const waiting = storeAll(bus, numbered(10));
  await bus.close(50);
  t.true((await waiting).every(({ spooled }) => spooled === true));
  server.thaw();
  const heir = await next();
  await isDrained(heir);
  t.deepEqual(await textsOf(heir), numbered(10));
});

test('outbox - a full spool refuses what is new, keeps what it has, and takes events again', async (t) => {
  const { server, bus } = await openStage(t, 20_000);
  await server.kill();
  await isGone(bus);
  const results = await Promise.allSettled(eventsOf(numbered(200)).map((event) => bus.store(event)));
  const kept = results.filter(({ status }) => status === 'fulfilled').length;
  t.true(kept > 10 && kept < 100);
  for (const result of results.slice(kept)) {
    if (result.status === 'fulfilled') t.fail('a later one was accepted');
    else t.is((result.reason as ParleyError).code, 'OUTBOX_FULL');
  }
  await until('it says so', () => !bus.accepting || (bus.spool?.bytes ?? 0) > 19_000);
  t.true((bus.spool?.bytes ?? 0) <= 20_000);
  await server.start();
  await isDrained(bus);
  t.true(bus.accepting);
  await storeAll(bus, ['again']);
  t.deepEqual(await textsOf(bus), [...numbered(kept), 'again']);
});

test('outbox - a disk that takes nothing: refused with the reason, and all is well once it is mended', async (t) => {
  const { server, bus, path } = await openStage(t);
  await server.kill();
  await isGone(bus);
  await rename(path, `${path}.away`);
  await writeFile(path, '');
  const early = bus.store(makeEvent('lobby', 'early'));
  await until('it is noticed', () => !bus.accepting);
  const error = await t.throwsAsync(bus.store(makeEvent('lobby', 'refused')), { instanceOf: ParleyError });
  t.is(error.code, 'OUTBOX_FULL');
  t.regex(error.message, /ENOTDIR/);
  t.regex(bus.spool?.blocked ?? '', /ENOTDIR/);
  await rm(path);
  await rename(`${path}.away`, path);
  t.true((await early).spooled);
  await until('it takes events again', () => bus.accepting);
  await storeAll(bus, ['late']);
  await server.start();
  await isDrained(bus);
  t.deepEqual(await textsOf(bus), ['early', 'late']);
});

test('outbox - what the log refuses for good is set aside and does not hold up the rest', async (t) => {
  const { server, bus, path } = await openStage(t);
  const outcomes = new Map<string, DrainOutcome>();
  bus.onDrained((id, outcome) => outcomes.set(id, outcome));
  const events = eventsOf(['one', 'x'.repeat(2000), 'two']);
  await server.kill();
  await isGone(bus);
  await Promise.all(events.map((event) => bus.store(event)));
  const small = await startNats(t, { config: 'max_payload: 1500' });
  await bus.close(0);
  const heir = await openBus(t, small.address, { spool: { path, maxBytes: 1e6, sync: true } });
  heir.onDrained((id, outcome) => outcomes.set(id, outcome));
  await isDrained(heir);
  t.deepEqual(await textsOf(heir), ['one', 'two']);
  t.is(heir.spool?.refused, 1);
  const { id = '' } = events[1] ?? {};
  t.is(outcomes.get(id), 'refused');
  await until('it is set aside', async () => (await readdir(path)).includes('refused.jsonl'));
  const aside = JSON.parse(await readFile(join(path, 'refused.jsonl'), 'utf8'));
  t.like(aside, { id, subject: 'parley.room.lobby' });
  t.is(JSON.parse(aside.event).data.text, 'x'.repeat(2000));
});

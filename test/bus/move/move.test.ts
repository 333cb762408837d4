/** Streams on their way from a standalone server to a cluster of three; real servers, killed on the way. */
import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AckPolicy, connect, type NatsConnection } from 'nats';
import { type BusAddress, type Mover, openMover } from '../../../src/bus/index.js';
import { temporaryDirectory, until } from '../../peers/index.js';
import { startNats } from '../../peers/nats.js';
import { startNatsCluster } from '../../peers/nats-cluster.js';

const COUNT = 20_000;
const ACKED = 8_000;
const LONG_MS = 120_000;

async function client(t: ExecutionContext, address: BusAddress): Promise<NatsConnection> {
  const { user, password } = address;
  const login = user === undefined ? {} : { user, pass: password ?? '' };
  const nats = await connect({ servers: [...address.servers], ...login });
  t.teardown(() => nats.close());
  return nats;
}

async function mover(t: ExecutionContext, address: BusAddress): Promise<Mover> {
  const opened = await openMover(address);
  t.teardown(() => opened.close());
  return opened;
}

/** A log with a consumer that has acknowledged nothing yet, and one key in a bucket. */
async function fill(nats: NatsConnection, count: number): Promise<void> {
  const [stream, manager] = [nats.jetstream(), await nats.jetstreamManager()];
  await manager.streams.add({ name: 'ROOMS', subjects: ['parley.room.*'] });
  const body = new TextEncoder().encode('x'.repeat(190));
  for (let first = 0; first < count; first += 1000) {
    const batch = Array.from({ length: Math.min(1000, count - first) }, (_, index) =>
      stream.publish('parley.room.lobby', body, { msgID: `id-${first + index + 1}` }),
    );
    await Promise.all(batch);
  }
  await manager.consumers.add('ROOMS', { durable_name: 'libera', ack_policy: AckPolicy.All });
  const kv = await stream.views.kv('LINKS');
  await kv.put('a', 'b');
}

/** Takes so many from the consumer and acknowledges them; resolves with the first and last sequence. */
async function drain(nats: NatsConnection, wanted: number): Promise<readonly [number, number]> {
  const consumer = await nats.jetstream().consumers.get('ROOMS', 'libera');
  let [first, last] = [0, 0];
  for (let taken = 0; taken < wanted; ) {
    const before = taken;
    for await (const message of await consumer.fetch({ max_messages: Math.min(500, wanted - taken) })) {
      first ||= message.seq;
      last = message.seq;
      taken += 1;
      if (taken % 500 === 0 || taken === wanted) await message.ackAck();
    }
    if (taken === before) throw new Error(`the consumer gave ${taken} of ${wanted}`);
  }
  return [first, last];
}

test('move - 20,000 messages and a half acknowledged consumer reach three copies, whatever is killed', async (t) => {
  t.timeout(300_000);
  const directory = await temporaryDirectory(t, 'move');
  const alone = await startNats(t);
  const source = await client(t, alone.address);
  await fill(source, COUNT);

  // Killed in the middle of the snapshot: begun anew.
  const first = await mover(t, alone.address);
  let killed: Promise<void> | null = null;
  const interrupted = first.save('ROOMS', directory, () => {
    killed ??= alone.kill();
  });
  await until(() => killed !== null, { what: 'the first bytes', deadlineMs: LONG_MS });
  await killed;
  await first.close();
  await t.throwsAsync(interrupted);
  t.deepEqual(await first.saved(directory), []);
  await alone.start();
  // Not before: nats-server keeps acknowledgements in memory for a moment, so a killed one gives messages again.
  await drain(await client(t, alone.address), ACKED);

  const from = await mover(t, alone.address);
  t.deepEqual(await from.streams(), ['KV_LINKS', 'ROOMS']);
  for (const stream of await from.streams()) await from.save(stream, directory);
  const saved = (await from.saved(directory)).find(({ stream }) => stream === 'ROOMS');
  t.like(saved?.state, { messages: COUNT, firstSequence: 1, lastSequence: COUNT });
  t.is(saved?.state.consumers[0]?.ackFloor, ACKED);
  await alone.stop();

  const nodes = await startNatsCluster(t);
  const cluster = { servers: nodes.map(({ port }) => `nats://127.0.0.1:${port}`) };
  // The process that restores is gone in the middle: its connection ends.
  const half = await openMover(cluster);
  const cuts: Promise<void>[] = [];
  const begun = half.restore('ROOMS', directory, 3, () => {
    if (cuts.length === 0) cuts.push(half.close());
  });
  await t.throwsAsync(begun);
  await Promise.all(cuts);

  const to = await mover(t, cluster);
  for (const { stream } of await to.saved(directory)) await to.restore(stream, directory, 3);
  // Once more does nothing.
  await to.restore('ROOMS', directory, 3);

  const target = await client(t, cluster);
  const manager = await target.jetstreamManager();
  const info = await manager.streams.info('ROOMS');
  t.like(info.state, { messages: COUNT, first_seq: 1, last_seq: COUNT });
  t.is(info.config.num_replicas, 3);
  t.is(
    (
      await target
        .jetstream()
        .views.kv('LINKS')
        .then((kv) => kv.get('a'))
    )?.string(),
    'b',
  );
  t.deepEqual(await drain(target, COUNT - ACKED), [ACKED + 1, COUNT]);
  t.is((await manager.consumers.info('ROOMS', 'libera')).num_pending, 0);
  // Ids that were stored shortly before are still known.
  const again = await target.jetstream().publish('parley.room.lobby', 'x', { msgID: `id-${COUNT}` });
  t.true(again.duplicate);
});

test('move - a stream that changed after it was saved is saved again', async (t) => {
  const directory = await temporaryDirectory(t, 'move');
  const alone = await startNats(t);
  const nats = await client(t, alone.address);
  await fill(nats, 10);
  const from = await mover(t, alone.address);
  const before = await from.save('ROOMS', directory);
  t.deepEqual(await from.save('ROOMS', directory), before);
  await drain(nats, 5);
  const after = await from.save('ROOMS', directory);
  t.is(after.state.consumers[0]?.ackFloor, 5);
  await nats.jetstream().publish('parley.room.lobby', 'late');
  t.is((await from.save('ROOMS', directory)).state.messages, 11);
});

test('move - a damaged snapshot is refused, and taken again from the stream', async (t) => {
  const directory = await temporaryDirectory(t, 'move');
  const alone = await startNats(t);
  await fill(await client(t, alone.address), 1000);
  const from = await mover(t, alone.address);
  await from.save('ROOMS', directory);
  const file = join(directory, 'ROOMS.snapshot');
  const { size } = await stat(file);
  await truncate(file, size - 1);
  await t.throwsAsync(from.restore('ROOMS', directory, 1), { code: 'STORE_UNWRITABLE' });
  const { bytes } = await from.save('ROOMS', directory);
  t.is((await stat(file)).size, bytes);
});

/** A stream that is saved while it is used, and brought back elsewhere. */
import test, { type ExecutionContext } from 'ava';
import { AckPolicy, connect, type NatsConnection } from 'nats';
import { type Mover, openMover } from '../../../src/bus/index.js';
import { temporaryDirectory, until } from '../../peers/index.js';
import { type NatsPeer, startNats } from '../../peers/nats.js';

/** Not acknowledged: a line for a channel that takes nothing. */
const HELD = 3;
const SUBJECT = 'parley.room.lobby';

interface Side {
  readonly nats: NatsConnection;
  readonly mover: Mover;
}

async function side(t: ExecutionContext, { address }: NatsPeer): Promise<Side> {
  const nats = await connect({ servers: [...address.servers] });
  const mover = await openMover(address);
  t.teardown(async () => {
    await mover.close();
    await nats.close();
  });
  return { nats, mover };
}

/** Says line after line and acknowledges each as soon as it comes, until told to stop; what the log had at each moment. */
async function traffic({ nats }: Side) {
  const [stream, manager] = [nats.jetstream(), await nats.jetstreamManager()];
  await manager.streams.add({ name: 'ROOMS', subjects: ['parley.room.*'] });
  await manager.consumers.add('ROOMS', { durable_name: 'libera', ack_policy: AckPolicy.Explicit });
  const messages = await (await stream.consumers.get('ROOMS', 'libera')).consume({ max_messages: 500 });
  let [stored, acked, on] = [0, 0, true];
  const body = new TextEncoder().encode('x'.repeat(190));
  const talking = (async () => {
    while (on) {
      const said = Array.from({ length: 50 }, () => stream.publish(SUBJECT, body));
      for (const { seq } of await Promise.all(said)) stored = Math.max(stored, seq);
    }
  })();
  const acking = (async () => {
    for await (const message of messages) {
      if (message.seq !== HELD) message.ack();
      acked = Math.max(acked, message.seq);
    }
  })();
  return {
    stored: () => stored,
    acked: () => acked,
    end: async () => {
      on = false;
      await talking;
      await messages.close();
      await acking;
    },
  };
}

test('move - a stream that is used meanwhile comes back whole, and its consumers miss nothing that is stored next', async (t) => {
  t.timeout(60_000);
  const [from, to] = await Promise.all([
    startNats(t).then((nats) => side(t, nats)),
    startNats(t).then((nats) => side(t, nats)),
  ]);
  const directory = await temporaryDirectory(t, 'live');
  const load = await traffic(from);
  await until(() => load.acked() > 5000, { what: 'some traffic', deadlineMs: 30_000, everyMs: 5 });
  for (let round = 0; round < 3; round += 1) {
    const [stored, acked] = [load.stored(), load.acked()];
    await from.nats.flush();
    await from.mover.saveLive('ROOMS', directory);
    await to.mover.restore('ROOMS', directory, 1);
    const { state } = await (await to.nats.jetstreamManager()).streams.info('ROOMS');
    t.true(state.last_seq >= stored);
    t.is(state.first_seq, 1);
    t.true(state.messages >= stored);
    const next = await to.nats.jetstream().publish(SUBJECT, 'next');
    const consumer = await to.nats.jetstream().consumers.get('ROOMS', 'libera');
    const given: number[] = [];
    // What was on its way to be acknowledged may be given again; what is new must be given.
    while (given.at(-1) !== next.seq) {
      const message = await consumer.next({ expires: 5000 });
      if (message === null) break;
      given.push(message.seq);
      message.ack();
    }
    t.is(given.at(-1), next.seq);
    t.true(given.every((sequence) => sequence > acked));
    const onlyHeld = async () => (await consumer.info()).num_ack_pending === 1;
    await until(onlyHeld, { what: 'all but the held one acknowledged', deadlineMs: 10_000 });
  }
  await load.end();
});

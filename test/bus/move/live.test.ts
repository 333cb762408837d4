/** A stream that is saved while it is used, and brought back elsewhere. */
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { AckPolicy, type Consumer, connect, type NatsConnection, nanos } from 'nats';
import { type Mover, openMover } from '../../../src/bus/index.js';
import { temporaryDirectory, until } from '../../peers/index.js';
import { type NatsPeer, startNats } from '../../peers/nats.js';

/** Not acknowledged: a line for a channel that takes nothing. */
const HELD = 3;
const SUBJECT = 'parley.room.lobby';
/** What was given and not acknowledged is given again. */
const AGAIN_MS = 2_000;

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
  await manager.consumers.add('ROOMS', {
    durable_name: 'libera',
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(AGAIN_MS),
  });
  const messages = await (await stream.consumers.get('ROOMS', 'libera')).consume({ max_messages: 500 });
  let [stored, acked, on] = [0, 0, true];
  const body = new TextEncoder().encode('x'.repeat(190));
  const talking = (async () => {
    while (on) {
      const said = Array.from({ length: 50 }, () => stream.publish(SUBJECT, body));
      for (const { seq } of await Promise.all(said)) stored = Math.max(stored, seq);
      // A busy stream, not a busy machine.
      await pause(5);
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

/** Acknowledges what is given until only the held one is left. */
async function settled(consumer: Consumer): Promise<boolean> {
  if ((await consumer.info()).num_ack_pending === 1) return true;
  const message = await consumer.next({ expires: 1000 });
  if (message !== null && message.seq !== HELD) message.ack();
  return false;
}

test('move - a stream that is used meanwhile comes back whole, and its consumers miss nothing that is stored next', async (t) => {
  t.timeout(120_000);
  const [from, to] = await Promise.all([
    startNats(t).then((nats) => side(t, nats)),
    startNats(t).then((nats) => side(t, nats)),
  ]);
  const load = await traffic(from);
  try {
    await until(() => load.acked() > 5000, { what: 'some traffic', deadlineMs: 30_000, everyMs: 5 });
    for (let round = 0; round < 3; round += 1) await copied(t, from, to, load);
  } finally {
    await load.end();
  }
});

async function copied(
  t: ExecutionContext,
  from: Side,
  to: Side,
  load: Awaited<ReturnType<typeof traffic>>,
): Promise<void> {
  const directory = await temporaryDirectory(t, 'live');
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
    const message = await consumer.next({ expires: 3 * AGAIN_MS });
    if (message === null) break;
    if (message.seq === HELD) continue;
    given.push(message.seq);
    message.ack();
  }
  t.true(given.includes(next.seq));
  t.true(given.every((sequence) => sequence > acked));
  await until(() => settled(consumer), { what: 'all but the held one acknowledged', deadlineMs: 30_000 });
}

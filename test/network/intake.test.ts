import test from 'ava';
import { ParleyError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import { Counters } from '../../src/network/counters.js';
import { Intake } from '../../src/network/intake.js';
import { Ledger } from '../../src/network/ledger.js';
import type { Utterance } from '../../src/network/utterance.js';
import { compileRoutes, SaidOnce } from '../../src/routing/index.js';
import { makeEvent } from '../bus/fixtures.js';
import { roomsOf } from '../routing/rooms.js';

/** The intake of `undernet` in the room `lobby`, and the log's copy of an event that another gateway heard. */
function setup(
  saidOn: readonly string[],
  saidLately: (key: string) => boolean = () => false,
  channels = ['quakenet#a', 'undernet#b'],
  again = false,
) {
  const queue: Utterance[] = [];
  let logged = async (_: number): Promise<ParleyEvent> => makeEvent('lobby', 'never asked for');
  const inPart: string[] = [];
  const routes = compileRoutes(roomsOf({ lobby: channels }));
  const intake = new Intake({
    network: 'undernet',
    routes: () => routes,
    eventOf: (delivery) => delivery.event(),
    logged: (sequence) => logged(sequence),
    ledger: new Ledger(),
    saidLately,
    saidInPart: (key) => inPart.push(key),
    saidOnce: new SaidOnce(),
    counters: new Counters(),
    log: silentLogger,
    note: () => {},
    canary: () => {},
    redelivered: () => {},
    enqueue: (utterance) => queue.push(utterance),
    onCaughtUp: () => {},
  });
  const event = makeEvent('lobby', 'hello');
  let acks = 0;
  const delivery = {
    id: event.id,
    sequence: 1,
    pending: 0,
    redelivered: false,
    again,
    data: new Uint8Array(),
    wasSaidOn: (network: string) => saidOn.includes(network),
    event: () => event,
    ack: () => {
      acks += 1;
    },
  };
  const log = (answer: () => Promise<ParleyEvent>) => {
    logged = answer;
  };
  return { intake, event, delivery, queue, inPart, log, acks: () => acks };
}

test('intake - the log’s copy of what another gateway heard is said, then acknowledged', (t) => {
  const { intake, delivery, queue, acks } = setup(['quakenet']);
  intake.take(delivery);
  t.is(queue.length, 1);
  t.is(acks(), 0);
  queue[0]?.settle();
  t.is(acks(), 1);
});

test('intake - what an earlier owner said before the log had it is only acknowledged', (t) => {
  const { intake, delivery, queue, acks } = setup(['quakenet', 'undernet']);
  intake.take(delivery);
  t.is(queue.length, 0);
  t.is(acks(), 1);
});

test('intake - what another gateway has told to be said is only acknowledged', (t) => {
  const { intake, delivery, queue, acks } = setup([], () => true);
  intake.take(delivery);
  t.is(queue.length, 0);
  t.is(acks(), 1);
});

test('intake - said in one of two channels by the last owner, it is said in the other', (t) => {
  const channels = ['quakenet#a', 'undernet#b', 'undernet#c'];
  const before = setup([], undefined, channels);
  before.intake.take(before.delivery);
  before.queue[0]?.settle();
  const { inPart } = before;
  t.deepEqual(inPart, [`${before.delivery.id} #b`]);
  t.is(before.acks(), 0);
  before.queue[1]?.settle();
  t.is(inPart.length, 1, 'that all of it is said, the ledger tells');

  const said = (key: string) => key.endsWith(' #b');
  const { intake, delivery, queue, acks } = setup([], said, channels);
  intake.take(delivery);
  t.deepEqual(
    queue.map(({ target }) => target.channel),
    ['#c'],
  );
  queue[0]?.settle();
  t.is(acks(), 1);
});

test('intake - of a second reading, what was not said is said, and nothing is known of what waits', (t) => {
  const known = setup([], () => true, undefined, true);
  known.intake.take(known.delivery);
  t.is(known.acks(), 1);
  const { intake, delivery, queue } = setup([], undefined, undefined, true);
  intake.take(delivery);
  t.is(queue.length, 1);
  t.false(intake.caughtUp);
});

function broken(): never {
  throw new ParleyError('EVENT_INVALID', 'event: expected JSON');
}

test('intake - what was garbled on the way is taken as the log has it', async (t) => {
  const { intake, event, delivery, queue, log, acks } = setup([]);
  log(async () => event);
  intake.take({ ...delivery, event: broken });
  await new Promise((resolve) => setImmediate(resolve));
  t.is(queue[0]?.event, event);
  t.is(acks(), 0);
  queue[0]?.settle();
  t.is(acks(), 1);
});

test('intake - what the log itself has wrong is passed over, and what it cannot tell now stays unacknowledged', async (t) => {
  const wrong = setup([]);
  wrong.log(async () => broken());
  wrong.intake.take({ ...wrong.delivery, event: broken });
  const away = setup([]);
  away.log(async () => {
    throw new ParleyError('BACKBONE_UNAVAILABLE', 'away');
  });
  away.intake.take({ ...away.delivery, event: broken });
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([wrong.queue.length, wrong.acks()], [0, 1]);
  t.deepEqual([away.queue.length, away.acks()], [0, 0]);
});

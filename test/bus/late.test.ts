import test from 'ava';
import { connect, headers, type NatsConnection } from 'nats';
import { Feeds } from '../../src/bus/follow.js';
import { History } from '../../src/bus/history.js';
import type { LoggedEvent, LoggedId } from '../../src/bus/index.js';
import { LogReader } from '../../src/bus/log-reader.js';
import { SecondLook } from '../../src/bus/second-look.js';
import { Subjects } from '../../src/bus/subjects.js';
import { silentLogger } from '../../src/log.js';
import { encodeEvent, type ParleyEvent } from '../../src/message/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, openBus, until } from './fixtures.js';

const LIVE = 'parley.live.room.lobby';

/** As a leader republishes what its copy has there. */
function republish(nats: NatsConnection, sequence: number, event: ParleyEvent): void {
  const marks = headers();
  marks.set('Nats-Sequence', String(sequence));
  marks.set('Nats-Last-Sequence', '0');
  marks.set('Nats-Msg-Id', event.id);
  nats.publish(LIVE, encodeEvent(event), { headers: marks });
}

test('late - what comes with numbers that an odd copy has used up is passed on all the same, once', async (t) => {
  const { address } = await startNats(t);
  const bus = await openBus(t, address);
  const odd = await connect({ servers: [...address.servers] });
  t.teardown(() => odd.close());
  const got: LoggedEvent[] = [];
  await bus.follow('lobby', null, (event) => got.push(event));

  const spooled = makeEvent('lobby', 'kept by the odd one alone');
  republish(odd, 3, spooled);
  await until('the odd one is heard', () => got.length === 1);
  await bus.store(makeEvent('lobby', 'one'));
  await bus.store(spooled);
  await bus.store(makeEvent('lobby', 'two'));
  await bus.store(makeEvent('lobby', 'three'));
  await until('all are there', () => got.length >= 4);
  t.deepEqual(
    got.map(({ event, sequence, late = false }) => [event.data.text, sequence, late]),
    [
      ['kept by the odd one alone', 3, false],
      ['one', 1, true],
      ['two', 3, true],
      ['three', 4, false],
    ],
  );
});

test('late - what the live subject kept from us without a gap is found at a second look, once', async (t) => {
  const { address } = await startNats(t);
  const bus = await openBus(t, address);
  const nats = await connect({ servers: [...address.servers] });
  t.teardown(() => nats.close());
  const { feeds, look } = await feedsOver(deaf(nats, 'unheard'));
  t.teardown(() => look.stop());
  const got: LoggedEvent[] = [];
  const ids: LoggedId[] = [];
  await bus.store(makeEvent('lobby', 'before'));
  await feeds.follow('lobby', null, {
    handler: (event) => got.push(event),
    looked: (all) => ids.push(...all),
  });
  for (const text of ['one', 'unheard', 'two']) await bus.store(makeEvent('lobby', text));
  await bus.store(makeEvent('elsewhere', 'unheard'));
  await until('what is heard is there', () => got.length === 2);

  look.from(1);
  await until('it was looked at', () => ids.length > 0);
  look.from(1);
  await until('and again', () => ids.length > 4);
  t.deepEqual(
    got.map(({ event, sequence, late = false }) => [event.data.text, sequence, late]),
    [
      ['one', 2, false],
      ['two', 4, false],
      ['unheard', 3, true],
    ],
  );
  t.deepEqual(
    ids.slice(0, 4).map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
  t.is(look.doubted, 1);
});

/** The connection of somebody to whom the leader does not republish some of it, as one whose disk takes nothing. */
function deaf(nats: NatsConnection, word: string): NatsConnection {
  const subscribe: NatsConnection['subscribe'] = (subject, options) =>
    nats.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (message.subject === LIVE) {
          if (message.string().includes(word)) return;
          message.headers?.set('Nats-Last-Sequence', '0');
        }
        options?.callback?.(error, message);
      },
    });
  return new Proxy(nats, {
    get: (target, key) => {
      if (key === 'subscribe') return subscribe;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function feedsOver(nats: NatsConnection) {
  const manager = await nats.jetstreamManager();
  const subjects = new Subjects('parley');
  const log = silentLogger;
  const reader = new LogReader(nats, manager, subjects.roomStream);
  const history = new History(reader, manager, subjects, log);
  const feeds = new Feeds({ nats, reader, history, subjects, log });
  const look = new SecondLook({ manager, reader, subjects, feeds, connected: () => true, log });
  return { feeds, look };
}

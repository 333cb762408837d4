import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { silentLogger } from '../../src/log.js';
import { keyOf, Orders, readOrder, VERB_NAMES, VERBS, withJoins } from '../../src/orders/index.js';
import { openBus, until } from '../bus/fixtures.js';
import { configOf } from '../control-server/broadcasts/stage.js';
import { temporaryDirectory } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

const NOON = Date.parse('2026-11-25T12:00:00Z');
const at = new Date(NOON).toISOString();
const JOIN = { kind: 'join', network: 'quakenet', channel: '#new', room: 'duel', by: 'ann', at } as const;
const MUTE = { kind: 'mute', network: 'quakenet', reason: '', by: 'ann', at } as const;

test('orders - whatever lies in the bucket, or comes as a body, is an order or none', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.anything(), (key, value) => {
      t.is(readOrder(key, value), null);
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...VERB_NAMES), fc.jsonValue(), (verb, body) => {
      t.is(typeof VERBS[verb].safeParse(body).success, 'boolean');
    }),
  );
  t.deepEqual(readOrder(keyOf(JOIN), JOIN), JOIN);
  // Under another key it would be another place's.
  t.is(readOrder('join quakenet #other', JOIN), null);
});

test('orders - a mute holds for its channel, or for the network, until it is over', async (t) => {
  let now = NOON;
  const bus = await openBus(t, (await startNats(t)).address);
  const make = () => new Orders({ bus, log: silentLogger, copy: null, changed: () => {}, now: () => now });
  const [one, other] = [make(), make()];
  await one.start();
  await other.start();
  t.teardown(() => Promise.all([one.stop(), other.stop()]));
  await one.put({ ...MUTE, channel: '#a', until: new Date(NOON + 1000).toISOString() });
  await until('the other one knows', () => other.isMuted('quakenet', '#a'));
  t.false(one.isMuted('quakenet', '#b'));
  t.false(one.isMuted('libera', '#a'));
  now += 1000;
  t.false(one.isMuted('quakenet', '#a'));
  t.deepEqual(one.mutesOn('quakenet'), []);
  t.false(await one.take({ kind: 'mute', network: 'quakenet', channel: '#a' }));
  await one.put({ ...MUTE, channel: null, until: null });
  await until('the other one knows', () => other.isMuted('quakenet', '#b'));
  t.true(await other.take({ kind: 'mute', network: 'quakenet', channel: null }));
  t.false(other.isMuted('quakenet', '#b'));
});

test('orders - what was ordered is known from the copy while the backbone is away', async (t) => {
  const server = await startNats(t);
  const copy = join(await temporaryDirectory(t, 'orders'), 'orders.json');
  const bus = await openBus(t, server.address);
  const first = new Orders({ bus, log: silentLogger, copy, changed: () => {} });
  await first.start();
  await first.put(JOIN);
  await first.stop();
  const away = { bucket: async () => Promise.reject(new Error('away')) };
  const next = new Orders({ bus: away, log: silentLogger, copy, changed: () => {} });
  await next.start();
  t.deepEqual(next.joins(), [JOIN]);
  await next.stop();
});

test('orders - the config file wins, and an order without its room or network waits', async (t) => {
  const config = await configOf(t, '  lists: {}\n');
  const channels = (orders: readonly (typeof JOIN | object)[]) =>
    withJoins(config, orders as (typeof JOIN)[])
      .rooms.get('duel')
      ?.channels.map(({ network, channel, byCommand }) => `${network} ${channel} ${byCommand ?? false}`);
  const file = ['quakenet #duel false', 'undernet #duel false'];
  t.deepEqual(channels([JOIN]), [...file, 'quakenet #new true']);
  t.deepEqual(channels([{ ...JOIN, channel: '#admins' }]), file);
  t.deepEqual(channels([{ ...JOIN, room: 'gone' }]), file);
  t.deepEqual(channels([{ ...JOIN, network: 'gone' }]), file);
});

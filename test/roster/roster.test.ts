import test from 'ava';
import type { Member } from '../../src/bridge.js';
import { silentLogger } from '../../src/log.js';
import { RosterReport, RosterTable } from '../../src/roster/index.js';
import { openBus } from '../bus/fixtures.js';
import { until } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

const PLACES = [{ network: 'one', channel: '#a' }];

test('roster - what the owner tells is known to every gateway, and stays over a lost connection', async (t) => {
  const nats = await startNats(t);
  const [here, there] = await Promise.all([openBus(t, nats.address), openBus(t, nats.address)]);
  const table = new RosterTable(there, silentLogger);
  table.start();
  t.teardown(() => table.stop());
  let members: readonly Member[] | null = [{ name: 'bob' }, { name: 'Alice', rank: 'operator' }];
  const report = new RosterReport({
    bus: here,
    network: 'one',
    owner: 'alpha',
    log: silentLogger,
    channels: () => ['#a'],
    members: () => members,
    mayTell: () => true,
  });
  t.teardown(() => report.stop());
  report.allChanged();
  await until(() => table.membersOf(PLACES).length === 2, { what: 'both' });
  t.like(table.membersOf(PLACES), [
    { name: 'Alice', network: 'one', channel: '#a', rank: 'operator', bot: false },
    { name: 'bob', rank: null },
  ]);
  members = null;
  report.changed('#a');
  members = [{ name: 'carol' }];
  report.changed('#a');
  await until(() => table.membersOf(PLACES)[0]?.name === 'carol', { what: 'the change' });
  t.deepEqual(table.membersOf(PLACES, Date.now() + 11 * 60_000), [], 'nobody believes it for ever');
  t.deepEqual(table.membersOf([{ network: 'two', channel: '#a' }]), []);
});

test('roster - who is no owner tells nothing, and what somebody else wrote is passed over', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const report = new RosterReport({
    bus,
    network: 'one',
    owner: 'alpha',
    log: silentLogger,
    channels: () => ['#a'],
    members: () => [{ name: 'bob' }],
    mayTell: () => false,
  });
  t.teardown(() => report.stop());
  report.allChanged();
  const bucket = await bus.bucket<unknown>('ROSTER');
  await bucket.put('one #a', { members: 'nonsense' });
  const table = new RosterTable(bus, silentLogger);
  table.start();
  t.teardown(() => table.stop());
  await bucket.put('two #b', {
    network: 'two',
    channel: '#b',
    owner: 'x',
    at: new Date().toISOString(),
    members: [],
    more: 0,
  });
  await until(async () => (await bucket.entries()).size === 2, { what: 'both entries' });
  t.deepEqual(table.membersOf(PLACES), []);
});

import test from 'ava';
import { silentLogger } from '../../src/log.js';
import { Canary, type CanaryReport } from '../../src/network/index.js';
import { startNgircd, until } from '../peers/index.js';
import { startRawIrc } from '../peers/raw-irc.js';
import { type Stage, startStage, startTwoNetworks, twoNetworks } from './stage.js';

const OFTEN = 'canary: { every: 200ms, timeout: 1s }\n';
const DEADLINE_MS = 30_000;

/** The first report that fits. */
function reported(
  { gateway }: Pick<Stage, 'gateway'>,
  what: string,
  fits: (report: CanaryReport) => boolean,
): Promise<CanaryReport> {
  return until(
    () => {
      const report = gateway.canary();
      return report !== null && report.checkedAt !== null && fits(report) ? report : null;
    },
    { what, deadlineMs: DEADLINE_MS },
  );
}

test('canary - whole paths are whole, and nobody sees a word', async (t) => {
  const stage = await startTwoNetworks(t, OFTEN);
  const report = await reported(stage, 'whole paths', ({ broken }) => broken.length === 0);
  t.is(report.paths, 2);
  await Promise.all([stage.alice.roundtrip(), stage.bob.roundtrip()]);
  t.deepEqual([...stage.alice.heard(), ...stage.bob.heard()], []);
  const log = await stage.gateway.bus.read('lobby', { limit: 50 });
  t.false(log.some(({ event }) => event.type === 'sys.canary'));
  const status = await stage.gateway.bus.request<{ canary: CanaryReport }>(
    ['gateway', 'test', 'status'],
    {},
    5_000,
  );
  t.is(status.canary.paths, 2);
});

test('canary - a channel that we were thrown out of breaks its paths, until we are back', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startRawIrc(t)]);
  const stage = await startStage(
    t,
    twoNetworks(one, two, 'flood: off, rejoin: { delay: 1h, max: 1 }') + OFTEN,
  );
  await stage.connected();
  await reported(stage, 'whole paths', ({ broken }) => broken.length === 0);
  const peer = await two.peer();
  peer.send(':op!o@h KICK #b parley :out');
  const { broken } = await reported(stage, 'broken paths', (report) => report.broken.length === 2);
  t.deepEqual(broken.map(({ from, to }) => `${from} → ${to}`).sort(), ['one #a → two #b', 'two #b → one #a']);
  t.regex(broken[0]?.reason ?? '', /two #b: .*kicked/i);
  const since = broken[0]?.since;
  const later = await reported(
    stage,
    'the next round',
    ({ checkedAt }) => (checkedAt ?? '') > (since ?? '') && checkedAt !== null,
  );
  t.is(later.broken[0]?.since, since);
  const ready = await fetch(`${stage.gateway.http}/readyz`);
  t.is(ready.status, 503);
  peer.destroy();
  await reported(stage, 'whole paths again', (report) => report.broken.length === 0);
});

test('canary - a server that no longer answers breaks its paths, though the connection stands', async (t) => {
  let deaf = false;
  const [one, two] = await Promise.all([
    startNgircd(t),
    startRawIrc(t, { script: (line) => deaf && line.startsWith('PING') }),
  ]);
  const stage = await startStage(
    t,
    `${twoNetworks(one, two)}canary: { every: 200ms, timeout: 7s, rooms: [lobby] }\n`,
  );
  await stage.connected();
  await reported(stage, 'whole paths', ({ broken }) => broken.length === 0);
  deaf = true;
  const { broken } = await reported(stage, 'broken paths', (report) => report.broken.length === 2);
  t.regex(broken[0]?.reason ?? '', /two #b: no answer to the check/);
  t.true(stage.gateway.networks().every(({ state }) => state === 'connected'));
});

test('canary - a network that takes nothing from the log is named', async (t) => {
  const { gateway } = await startTwoNetworks(t);
  const lobby = gateway.config.rooms.get('lobby');
  const [channel] = lobby?.channels ?? [];
  t.truthy(channel);
  if (lobby === undefined || channel === undefined) return;
  // Of another gateway, that has died.
  const gone = { ...channel, network: 'gone', channel: '#c', direction: 'out' as const };
  const canary = new Canary({
    bus: gateway.bus,
    config: { everyMs: 100, timeoutMs: 1_000, rooms: null },
    rooms: () => new Map([['lobby', { ...lobby, channels: [...lobby.channels, gone] }]]),
    gateway: 'test',
    log: silentLogger,
  });
  t.teardown(() => canary.stop());
  const { broken, paths } = await until(
    () => {
      const report = canary.report();
      return report.broken.length === 2 ? report : null;
    },
    { what: 'two broken paths', deadlineMs: DEADLINE_MS },
  );
  t.is(paths, 4);
  t.deepEqual(
    broken.map(({ to, reason }) => [to, reason]),
    Array.from({ length: 2 }, () => ['gone #c', 'gone did not take the canary from the log within 1000 ms']),
  );
});

import test from 'ava';
import { Known } from '../../../control-server/known/index.js';
import { openBus as openBusAnyway } from '../../../src/bus/index.js';
import { silentLogger } from '../../../src/log.js';
import { busOptions, openBus, until } from '../../bus/fixtures.js';
import { startNats } from '../../peers/nats.js';

const NOON = Date.parse('2026-11-25T12:00:00Z');
const DAY = 86_400_000;
const ANN = { id: 'irc:q:account:ann', name: 'ann', verified: true };

test('known - an account is known since it was first heard, on every gateway and after a restart', async (t) => {
  const { address } = await startNats(t);
  const bus = await openBus(t, address);
  let now = NOON;
  const make = () => new Known({ bus, log: silentLogger, now: () => now });
  const [one, other] = [make(), make()];
  await one.open();
  await other.open();
  one.heard(ANN);
  t.is(one.sinceOf(ANN.id), NOON);
  now += DAY;
  one.heard(ANN);
  await until('the other one knows', () => other.sinceOf(ANN.id) === NOON);
  other.heard(ANN);
  await Promise.all([one.stop(), other.stop()]);
  const next = make();
  await next.open();
  next.heard(ANN);
  t.is(next.sinceOf(ANN.id), NOON);
  t.is(next.sinceOf('irc:q:account:bob'), null);
  t.false(next.isYoungerThan(DAY));
  t.true(next.isYoungerThan(DAY + 1));
  await next.stop();
});

test('known - strangers and bots are not noted', async (t) => {
  const known = new Known({ bus: await openBus(t, (await startNats(t)).address), log: silentLogger });
  await known.open();
  known.heard({ ...ANN, verified: false });
  known.heard({ ...ANN, bot: true });
  t.is(known.sinceOf(ANN.id), null);
  await known.stop();
});

test('known - who is heard while the backbone is away does not become younger by it', async (t) => {
  const server = await startNats(t);
  const first = new Known({ bus: await openBus(t, server.address), log: silentLogger, now: () => NOON });
  await first.open();
  first.heard(ANN);
  await until('it is noted', () => !first.isYoungerThan(0) && first.sinceOf(ANN.id) === NOON);
  await first.stop();
  await server.stop();
  const bus = await openBusAnyway(busOptions(server.address), silentLogger);
  t.teardown(() => bus.close(0));
  const later = new Known({ bus, log: silentLogger, now: () => NOON + DAY });
  await later.open();
  later.heard(ANN);
  later.heard({ ...ANN, id: 'irc:q:account:new' });
  t.is(later.sinceOf(ANN.id), null);
  t.true(later.isYoungerThan(1));
  await server.start();
  await until('the backbone tells', () => later.sinceOf('irc:q:account:new') === NOON + DAY, 60_000);
  t.is(later.sinceOf(ANN.id), NOON);
  await later.stop();
});

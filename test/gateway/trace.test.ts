import test from 'ava';
import { newId } from '../../src/message/index.js';
import { type TraceReport, traceEvent } from '../../src/trace/index.js';
import { eventOf } from '../message/events.js';
import { ircClient, startNgircd, until } from '../peers/index.js';
import { startRawIrc } from '../peers/raw-irc.js';
import { type Stage, startStage, startTwoNetworks, twoNetworks } from './stage.js';

const ROOMS = ['lobby'];

function outcomesOf({ channels }: TraceReport): Readonly<Record<string, string>> {
  return Object.fromEntries(channels.map(({ network, outcome }) => [network, outcome]));
}

/** The event of a line, once the log has it. */
async function idOf({ gateway }: Pick<Stage, 'gateway'>, text: string): Promise<string> {
  const found = await until(
    async () =>
      (await gateway.bus.read('lobby', { limit: 50 })).find(({ event }) => event.data.text === text),
    { what: `"${text}" in the log` },
  );
  return found.event.id;
}

async function settled(
  { gateway }: Pick<Stage, 'gateway'>,
  id: string,
  network: string,
  outcome: string,
): Promise<TraceReport> {
  return until(
    async () => {
      const report = await traceEvent(gateway.bus, id, ROOMS);
      return outcomesOf(report)[network] === outcome ? report : null;
    },
    { what: `${network}: ${outcome}` },
  );
}

test('trace - a line that was said is followed from one network to the other', async (t) => {
  const stage = await startTwoNetworks(t);
  stage.alice.say('#a', 'follow me');
  await stage.bob.waitFor(/follow me/, 15_000);
  const id = await idOf(stage, 'follow me');
  const report = await settled(stage, id, 'two', 'said');
  t.like(report, { event: id, room: 'lobby', type: 'chat.message', gateways: ['test'] });
  t.true((report.sequence ?? 0) > 0);
  t.deepEqual(
    report.channels.map(({ network, channel, outcome, reason }) => [network, channel, outcome, reason]),
    [
      ['one', '#a', 'dropped', 'own-channel'],
      ['two', '#b', 'said', null],
    ],
  );
  const stages = report.steps.map(({ stage: one }) => one);
  t.deepEqual([...stages].sort(), ['confirmed', 'dropped', 'heard', 'routed', 'sent', 'stored']);
  t.regex(report.steps.find(({ stage: one }) => one === 'sent')?.detail ?? '', /^1\/1 .*follow me$/);
});

test('trace - says why a line was not said: filtered, dead, unknown', async (t) => {
  const one = await startNgircd(t);
  const two = await startRawIrc(t, {
    script(line, peer) {
      if (!line.startsWith('PRIVMSG') || !line.includes('refused')) return false;
      peer.send(`:raw.test 404 ${peer.nick} #b :Cannot send to channel`);
      return true;
    },
  });
  const filter = 'filter: { ignoreText: ["^spam"] }';
  const stage = await startStage(
    t,
    twoNetworks(one, two).replace('{ one: "#a" }', `{ one: "#a", ${filter} }`),
  );
  await stage.connected();
  const alice = await ircClient(t, one, { nick: 'alice' });
  await alice.join('#a');
  alice.say('#a', 'this is refused');
  const dead = await settled(stage, await idOf(stage, 'this is refused'), 'two', 'dead');
  t.regex(dead.channels.find(({ network }) => network === 'two')?.reason ?? '', /404 ERR_CANNOTSENDTOCHAN/);
  t.true(dead.steps.some(({ stage: step, detail }) => step === 'failed' && detail.includes('rejected')));
  const old = eventOf('chat.message', { text: 'too old' });
  await stage.gateway.bus.store({ ...old, id: newId(), subject: 'lobby', source: '/cli/test' });
  const digested = await settled(stage, await idOf(stage, 'too old'), 'two', 'digested');
  t.is(digested.room, 'lobby');
  const nobody = await traceEvent(stage.gateway.bus, newId(), ROOMS);
  t.like(nobody, { room: null, sequence: null, channels: [], steps: [] });
});

test('trace - answers after a restart too, and for a gateway that is gone the log speaks', async (t) => {
  const stage = await startTwoNetworks(t);
  stage.alice.say('#a', 'before the end');
  await stage.bob.waitFor(/before the end/, 15_000);
  const id = await idOf(stage, 'before the end');
  await settled(stage, id, 'two', 'said');
  const again = await stage.restart();
  const report = await traceEvent(again.bus, id, ROOMS);
  t.is(outcomesOf(report).two, 'said');
  t.is(report.room, 'lobby');
});

/** Three nodes with three copies of everything, the two IRC networks owned by two gateways, so that each line goes through the log. */
import { setTimeout as pause } from 'node:timers/promises';
import { settled } from '../faults/backbone.js';
import { type Gateway, TOKEN } from '../faults/gateway.js';
import { found, NETWORKS, type NodeSite, startWorld, type World } from '../faults/world.js';
import { type TestContext, until } from '../peers/index.js';
import { BenchClient } from './irc-client.js';
import { timed } from './latency.js';
import type { Figure } from './report.js';

const STREAM = 'ROOMS';
const ROOM = 'r01';
/** In the log only: nobody has to say what is posted there. */
const ARCHIVE = 'archive';
const BATCH = 200;
const BATCHES_AT_ONCE = 12;
const POSTED = 60_000;
const MISSED = 100_000;
const ELECTIONS = 5;
const DEADLINE_MS = 120_000;

export async function cluster(): Promise<readonly Figure[]> {
  const teardowns: (() => void | Promise<void>)[] = [];
  const t: TestContext = { teardown: (end) => void teardowns.unshift(end) };
  try {
    const world = await quietWorld(t);
    const [one, two] = [found(world.ircs[0]).server.port, found(world.ircs[1]).server.port];
    const speaker = await BenchClient.join(one, 'speaker', `#${ROOM}`);
    const listener = await BenchClient.join(two, 'listener', `#${ROOM}`);
    const figures = [
      ...(await latency(speaker, listener)),
      ...(await batches(world)),
      ...(await elections(world, [speaker, listener])),
      ...(await rejoin(world)),
    ];
    speaker.close();
    listener.close();
    return figures;
  } finally {
    for (const end of teardowns) await end();
  }
}

/** Without the people of the fault suite: whoever listens takes from the machine what is measured. */
async function quietWorld(t: TestContext): Promise<World> {
  const world = await startWorld(t, {
    nodes: 3,
    rooms: 1,
    straight: true,
    diskMb: 1500,
    apart: true,
    moreRooms: `  ${ARCHIVE}: { channels: [] }\n`,
  });
  for (const person of world.ircs.flatMap(({ ear, mouth }) => [ear, mouth])) person.leave();
  for (const reader of world.readers.values()) reader.close();
  const apart = async () => {
    const owned = await Promise.all(world.nodes.map(({ gateway }) => gateway.connected()));
    return owned[0]?.includes('one') && owned[1]?.includes('two');
  };
  await until(apart, { what: 'two owners', deadlineMs: DEADLINE_MS, everyMs: 100 });
  return world;
}

function sayer(client: BenchClient): (text: string) => void {
  return (text) => client.send(`PRIVMSG #${ROOM} :${text}\r\n`);
}

async function latency(speaker: BenchClient, listener: BenchClient): Promise<readonly Figure[]> {
  const hear = (heard: (line: string) => void) => {
    listener.onLine = heard;
  };
  await timed('warm', { perSecond: 500, count: 2_000 }, sayer(speaker), hear);
  const { p50, p99 } = await timed('cluster', { perSecond: 50, count: 500 }, sayer(speaker), hear);
  const name = 'IRC to IRC of another gateway, 50/s';
  return [
    { section: 'cluster', name: `${name}, p50`, value: p50, unit: 'ms', target: { sign: '<=', value: 3 } },
    { section: 'cluster', name: `${name}, p99`, value: p99, unit: 'ms', target: { sign: '<=', value: 12 } },
  ];
}

/** Through all three gateways at once. */
async function batches({ nodes }: World): Promise<readonly Figure[]> {
  const gateways = nodes.map(({ gateway }) => gateway);
  await post(gateways, 'warm', POSTED / 4);
  const startedMs = performance.now();
  await post(gateways, 'batch', POSTED);
  const perSecond = (POSTED / (performance.now() - startedMs)) * 1000;
  const name = `${POSTED} events in batches of ${BATCH}, accepted`;
  return [{ section: 'cluster', name, value: perSecond, unit: '/s', target: { sign: '>=', value: 6_000 } }];
}

async function post(gateways: readonly Gateway[], mark: string, count: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: BATCHES_AT_ONCE }, async (_, i) => {
      const gateway = found(gateways[i % gateways.length]);
      while (next < count) {
        const first = next;
        next += BATCH;
        await postBatch(gateway, `${mark}-${first}`);
      }
    }),
  );
}

/** Repeats it under its key until every item of it is accepted. */
async function postBatch({ url }: Gateway, key: string): Promise<void> {
  const items = Array.from({ length: BATCH }, (_, i) => ({ text: `${key}+${i} a line of ordinary length` }));
  const body = JSON.stringify(items);
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const accepted = async () => {
    const answer = await fetch(`${url}/v1/rooms/${ARCHIVE}/messages`, { method: 'POST', headers, body });
    const { results = [] } = (await answer.json()) as { results?: readonly { status: number }[] };
    return results.length === BATCH && results.every(({ status }) => status === 202);
  };
  await until(accepted, { what: 'a batch to be accepted', deadlineMs: DEADLINE_MS });
}

/**
 * The leader of the log is killed: from when the log, and what the networks take from it, have leaders again (each is a
 * raft group of its own) until lines flow in both directions.
 */
async function elections(world: World, clients: readonly BenchClient[]): Promise<readonly Figure[]> {
  const resumedMs: number[] = [];
  const awayMs: number[] = [];
  const allAwayMs: number[] = [];
  const talking = setInterval(() => {
    for (const client of clients) sayer(client)('talking');
  }, 20);
  for (let i = 0; i < ELECTIONS; i++) {
    const { nats } = await leaderOf(world);
    const heardMs = clients.map(() => 0);
    clients.forEach((client, which) => {
      client.onLine = (line) => {
        if (line.includes('talking')) heardMs[which] = performance.now();
      };
    });
    await nats.kill();
    const killedMs = performance.now();
    await leaderOf(world);
    awayMs.push(performance.now() - killedMs);
    await consumersLed(world);
    const ledMs = performance.now();
    allAwayMs.push(ledMs - killedMs);
    const flows = () => heardMs.every((ms) => ms > ledMs);
    await until(flows, { what: 'lines after the election', deadlineMs: DEADLINE_MS, everyMs: 1 });
    resumedMs.push(performance.now() - ledMs);
    await nats.start();
    await settled(world.nodes.map((node) => node.nats));
    await pause(3_000); // The next round begins in a cluster that has come to rest.
  }
  clearInterval(talking);
  return [
    {
      section: 'cluster',
      name: `log without a leader, longest of ${ELECTIONS}`,
      value: Math.max(...awayMs),
      unit: 'ms',
    },
    {
      section: 'cluster',
      name: 'log or deliveries without one, longest',
      value: Math.max(...allAwayMs),
      unit: 'ms',
    },
    {
      section: 'cluster',
      name: 'lines flow both ways after the election, longest',
      value: Math.max(...resumedMs),
      unit: 'ms',
      target: { sign: '<=', value: 1_000 },
    },
  ];
}

async function consumersLed({ nodes }: World): Promise<void> {
  const led = async () =>
    new Set((await Promise.all(nodes.map(({ nats }) => nats.ledConsumers(STREAM)))).flat()).size >=
    NETWORKS.length;
  await until(led, { what: 'leaders of the deliveries', deadlineMs: DEADLINE_MS, everyMs: 5 });
}

async function leaderOf({ nodes }: World): Promise<NodeSite> {
  const look = async () => {
    const led = await Promise.all(nodes.map(({ nats }) => nats.leads(STREAM)));
    return nodes[led.indexOf(true)];
  };
  return await until(look, { what: 'a leader of the log', deadlineMs: DEADLINE_MS, everyMs: 5 });
}

/** A node dies, misses events, and is back: until its nats-server has all of them. */
async function rejoin(world: World): Promise<readonly Figure[]> {
  const leader = await leaderOf(world);
  const node = found(world.nodes.find((one) => one !== leader));
  const others = world.nodes.filter((one) => one !== node).map(({ gateway }) => gateway);
  await Promise.all([node.gateway.kill(), node.nats.kill()]);
  await post(others, 'missed', MISSED);
  const last = await leader.nats.lastSequence(STREAM);
  const startedMs = performance.now();
  await node.nats.start();
  const whole = async () => (await node.nats.lastSequence(STREAM)) >= last;
  await until(whole, { what: 'the node to catch up', deadlineMs: DEADLINE_MS, everyMs: 20 });
  const seconds = (performance.now() - startedMs) / 1000;
  const name = `a node that missed ${MISSED} events has them`;
  return [{ section: 'cluster', name, value: seconds, unit: 's', target: { sign: '<=', value: 10 } }];
}

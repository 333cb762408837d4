import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect, headers, type NatsConnection } from 'nats';
import type { Bus, BusAddress } from '../../src/bus/index.js';
import { startGateway } from '../../src/gateway/index.js';
import { readAgainWhenMisled } from '../../src/gateway/read-again.js';
import { silentLogger } from '../../src/log.js';
import { encodeEvent } from '../../src/message/index.js';
import type { Node } from '../../src/node/index.js';
import { makeEvent, openBus } from '../bus/fixtures.js';
import { loaderOf } from '../gateway/loading.js';
import { said, visitor } from '../gateway/stage.js';
import { type Machine, makeCluster } from '../node/machines.js';
import { type IrcClient, type IrcServer, startNgircd, temporaryDirectory, until } from '../peers/index.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';

const THREE_COPIES = { maxAgeMs: 3_600_000, maxBytes: 16 * 1024 * 1024, replicas: 3 };
/** Each finds the odd copy of another soon, and its own never: the test decides when that one is made anew. */
const OTHERS = { compareMs: 500 };
const SELF = { compareMs: 3_600_000 };

function long(what: string) {
  return { what, deadlineMs: 90_000, everyMs: 100 };
}

async function opened(t: ExecutionContext, node: Node): Promise<Bus> {
  const attempt = () => openBus(t, node.address, { history: THREE_COPIES }).catch(() => null);
  return await until(attempt, long('the streams are there'));
}

async function level(bus: Bus): Promise<boolean> {
  const streams = await bus.copies();
  return (
    streams.length > 0 &&
    streams.every(({ copies }) => copies.length === 3 && copies.every(({ current }) => current))
  );
}

/** The gateway of one IRC network, on no machine of the cluster. */
async function speaker(
  t: ExecutionContext,
  irc: IrcServer,
  { user = '', password = '' }: BusAddress,
  nodes: readonly Node[],
) {
  const directory = await temporaryDirectory(t, 'speaker');
  await writeFile(join(directory, 'password'), password);
  const servers = nodes.map(({ address }) => JSON.stringify(address.servers[0]));
  await writeFile(
    join(directory, 'parley.yaml'),
    `backbone: { name: speaker, servers: [${servers}], user: ${user}, password: "file:${directory}/password" }
history: { replicas: 3 }
http: off
networks: { irc: { bridge: irc, host: 127.0.0.1, port: ${irc.port}, tls: false, nick: relay, flood: off } }
rooms: { lobby: { channels: [ { irc: "#lobby" } ] } }
`,
  );
  const load = loaderOf(directory, join(directory, 'parley.yaml'));
  const loaded = await load();
  // A consumer whose leader is being chosen answers nothing.
  const attempt = () => startGateway({ loaded, load, log: silentLogger, version: '0.0.0' }).catch(() => null);
  const gateway = await until(attempt, long('the log is read'));
  t.teardown(() => gateway.stop());
  const connected = () => gateway.networks().every(({ state }) => state === 'connected');
  await until(connected, long('the network is connected'));
  return gateway;
}

async function say(bus: Bus, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await bus.store(makeEvent('lobby', text));
}

function heardBy(listener: IrcClient): readonly string[] {
  return listener.received.filter(({ command }) => command === 'PRIVMSG').map(({ text }) => said(text));
}

async function raw(t: ExecutionContext, { address }: Node): Promise<NatsConnection> {
  const { servers, user, password } = address;
  const nats = await connect({
    servers: servers.slice(0, 1),
    user: user ?? '',
    pass: password ?? '',
    ignoreClusterUpdates: true,
  });
  t.teardown(() => nats.close());
  return nats;
}

/** Given to this server, which cannot pass it on. */
async function strand(nats: NatsConnection, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const event = makeEvent('lobby', text);
    const id = headers();
    id.set('Nats-Msg-Id', event.id);
    nats.publish('parley.room.lobby', encodeEvent(event), { headers: id });
  }
  await nats.flush();
}

/** Until that server leads the consumer. */
async function lead(nats: NatsConnection, consumer: string, server: string): Promise<void> {
  const manager = await nats.jetstreamManager({ checkAPI: false, timeout: 1000 });
  const isLeader = async (): Promise<boolean> => {
    const info = await manager.consumers.info('ROOMS', consumer).catch(() => null);
    if (info === null) return false;
    if (info.cluster?.leader === server) return true;
    await nats
      .request(`$JS.API.CONSUMER.LEADER.STEPDOWN.ROOMS.${consumer}`, '', { timeout: 1000 })
      .catch(() => {});
    return false;
  };
  await until(isLeader, { ...long(`${server} leads the consumer`), everyMs: 300 });
}

async function consumers(nats: NatsConnection): Promise<readonly string[]> {
  const manager = await nats.jetstreamManager({ checkAPI: false, timeout: 1000 });
  const names = ['irc', 'irc=again'];
  const found = await Promise.all(
    names.map((name) => manager.consumers.info('ROOMS', name).catch(() => null)),
  );
  return names.filter((_, index) => found[index] !== null);
}

/** A server that was deposed with `stranded` has those in place of `meanwhile`; the network is then led by it. */
async function ledByOdd(t: ExecutionContext, stranded: readonly string[], meanwhile: readonly string[]) {
  const machines = await makeCluster(t);
  const nodes = await Promise.all(machines.all.map((machine) => machine.start(silentLogger, SELF)));
  await Promise.all(nodes.map((node) => node.ready(AbortSignal.timeout(90_000))));
  const [bus, irc] = await Promise.all([opened(t, nodes[0] as Node), startNgircd(t)]);
  const listener = await visitor(t, irc, 'listener', '#lobby');
  const { address } = nodes[0] as Node;
  const before = await speaker(t, irc, address, nodes);
  await say(bus, '1', '2', '3');
  await until(() => heardBy(listener).length === 3, long('the first lines'));
  await until(() => level(bus).catch(() => false), long('the copies are level'));
  await before.stop();
  const leader = (await bus.copies()).find(({ stream }) => stream === 'ROOMS')?.leader;
  const deposed = machines.all.findIndex(({ name }) => name === leader);
  const odd = nodes[deposed] as Node;

  const stuck = await raw(t, odd);
  await Promise.all(nodes.filter((node) => node !== odd).map((node) => node.stop()));
  await strand(stuck, ...stranded);
  process.kill(odd.pid, 'SIGSTOP');
  t.teardown(() => process.kill(odd.pid, 'SIGCONT'));
  const lines: RecordedLine[] = [];
  const others = await Promise.all(
    machines.all
      .filter((_, i) => i !== deposed)
      .map((machine: Machine) => machine.start(recordingLog(lines), OTHERS)),
  );
  await Promise.all(others.map((node) => node.ready(AbortSignal.timeout(90_000))));
  const later = await opened(t, others[0] as Node);
  for (const node of others) t.teardown(readAgainWhenMisled(node, later, silentLogger));
  await say(later, ...meanwhile);
  process.kill(odd.pid, 'SIGCONT');
  const isFound = () =>
    lines.some(({ message, fields }) => /on another server/.test(message) && fields.server === leader);
  await until(isFound, long('the odd copy is found'));
  const nats = await raw(t, others[0] as Node);
  await lead(nats, 'irc', leader ?? '');
  const gateway = await speaker(t, irc, address, others);
  return { odd, nats, bus: later, listener, gateway };
}

test('odd copy - what it led a network past is said when it is made anew, once', async (t) => {
  await ledPast(t, ['a', 'b', 'c'], ['m', 'n', 'o']);
});

test('odd copy - so is what it lacked of later lines', async (t) => {
  await ledPast(t, ['a', 'b', 'c'], ['m']);
});

async function ledPast(t: ExecutionContext, stranded: readonly string[], meanwhile: readonly string[]) {
  t.timeout(300_000);
  const { odd, nats, bus, listener } = await ledByOdd(t, stranded, meanwhile);
  // It may lack those that come next, too.
  const behind: string[] = [];
  const isHeard = async (): Promise<boolean> => {
    if (heardBy(listener).some((text) => behind.includes(text))) return true;
    behind.push(`p${behind.length}`);
    await say(bus, behind.at(-1) ?? '');
    return false;
  };
  await until(isHeard, { ...long('a line behind them'), everyMs: 1000 });
  t.log(heardBy(listener).join(' '));
  t.false(heardBy(listener).includes('m'), 'it was passed over');

  await odd.doubt('a test');
  process.kill(odd.pid, 'SIGKILL');
  await say(bus, 'q', 'r');
  const all = [...meanwhile, ...behind, 'q', 'r'];
  await until(() => all.every((text) => heardBy(listener).includes(text)), long('all is said'));
  await until(async () => (await consumers(nats)).join() === 'irc', long('the second reading is over'));
  await say(bus, 'end');
  await until(() => heardBy(listener).includes('end'), long('the last line'));
  t.log(heardBy(listener).join(' '));
  for (const text of ['1', '2', '3', ...all, 'end'])
    t.is(heardBy(listener).filter((heard) => heard === text).length, 1, text);
}

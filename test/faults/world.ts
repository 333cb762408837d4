/**
 * Everything of a run but the load: two IRC servers, one or three nodes (a nats-server and a gateway each, on a disk of
 * their own), and rooms that join a channel of each IRC server. Every connection that a fault may cut goes through a wire.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePorts,
  type IrcServer,
  startNgircd,
  startTcpProxy,
  type TcpProxy,
  type TestContext,
  until,
} from '../peers/index.js';
import { type NatsServer, startBackbone } from './backbone.js';
import { makeClock } from './clock.js';
import { type Disk, makeDisk } from './disk.js';
import { Gateway, TOKEN } from './gateway.js';
import { IrcPerson } from './irc-person.js';
import { StreamReader } from './stream-reader.js';

export const NETWORKS = ['one', 'two'] as const;
export type NetworkName = (typeof NETWORKS)[number];
const NAMES = ['alpha', 'beta', 'gamma'] as const;
/** The bots of all gateways have one nick, as in life; their user names tell them apart. */
export const BOT = 'parley';
const DISK_MB = 192;
const PRESENT_MS = 30_000;

/** A network of the gateways, with the people on its server. */
export interface IrcSite {
  readonly network: NetworkName;
  readonly server: IrcServer;
  /** Between the gateways' bots and the server. */
  readonly gate: TcpProxy;
  readonly ear: IrcPerson;
  readonly mouth: IrcPerson;
}

/** One machine. */
export interface NodeSite {
  readonly gateway: Gateway;
  readonly nats: NatsServer;
  readonly disk: Disk;
}

export interface World {
  readonly nodes: readonly NodeSite[];
  readonly ircs: readonly IrcSite[];
  /** `r01`, `r02`, …: the channel of each is its name behind `#`. */
  readonly rooms: readonly string[];
  readonly readers: ReadonlyMap<string, StreamReader>;
}

export interface WorldOptions {
  readonly nodes: 1 | 3;
  readonly rooms: number;
}

/** Resolves once every gateway is ready and everybody is in place. */
export async function startWorld(t: TestContext, options: WorldOptions): Promise<World> {
  const names = NAMES.slice(0, options.nodes);
  const rooms = Array.from({ length: options.rooms }, (_, i) => `r${String(i + 1).padStart(2, '0')}`);
  const disks = await Promise.all(names.map((name) => makeDisk(t, name, DISK_MB)));
  const [servers, ircs] = await Promise.all([
    startBackbone(t, disks),
    Promise.all(NETWORKS.map((network) => startIrc(t, network, rooms))),
  ]);
  const ports = await freePorts(names.length);
  const nodes = await Promise.all(
    names.map(async (name, i) => {
      const disk = found(disks[i]);
      const place = await placeOf(t, name, i, disk, found(ports[i]), servers);
      const gateway = new Gateway(t, place);
      await gateway.write(configOf(gateway, names, ircs, rooms));
      return { gateway, nats: found(servers[i]), disk };
    }),
  );
  await Promise.all(nodes.map(({ gateway }) => gateway.start()));
  await Promise.all(nodes.map(({ gateway }) => gateway.ready()));
  await everyNetworkOwned(nodes);
  const readers = openReaders(t, rooms, nodes);
  await everybodyPresent(ircs, readers);
  return { nodes, ircs, rooms, readers };
}

async function placeOf(
  t: TestContext,
  name: string,
  index: number,
  disk: Disk,
  httpPort: number,
  servers: readonly NatsServer[],
) {
  const directory = join(disk.directory, 'gateway');
  await mkdir(directory);
  const nearestFirst = [...servers.slice(index), ...servers.slice(0, index)];
  const wires = await Promise.all(nearestFirst.map(({ port }) => startTcpProxy(t, port)));
  const clock = await makeClock(join(directory, 'clock'));
  return { name, directory, httpPort, wires, clock };
}

async function startIrc(t: TestContext, network: NetworkName, rooms: readonly string[]): Promise<IrcSite> {
  const server = await startNgircd(t);
  const gate = await startTcpProxy(t, server.port);
  const channels = rooms.map((room) => `#${room}`);
  const [ear, mouth] = ['ear', 'mouth'].map((nick) => {
    const person = new IrcPerson(server.port, nick, channels);
    t.teardown(() => person.leave());
    return person;
  });
  return { network, server, gate, ear: found(ear), mouth: found(mouth) };
}

function openReaders(
  t: TestContext,
  rooms: readonly string[],
  nodes: readonly NodeSite[],
): ReadonlyMap<string, StreamReader> {
  const urls = nodes.map(({ gateway }) => gateway.url);
  return new Map(
    rooms.map((room, i) => {
      const first = i % urls.length;
      const reader = new StreamReader(room, [...urls.slice(first), ...urls.slice(0, first)]);
      t.teardown(() => reader.close());
      return [room, reader];
    }),
  );
}

/** What is accepted before a network has its first owner is none of its business. */
async function everyNetworkOwned(nodes: readonly NodeSite[]): Promise<void> {
  const owned = async () => {
    const connected = (
      await Promise.all(nodes.map(({ gateway }) => gateway.connected().catch(() => [])))
    ).flat();
    return NETWORKS.every((network) => connected.includes(network));
  };
  await until(owned, { what: 'an owner of every network', deadlineMs: PRESENT_MS, everyMs: 50 });
}

async function everybodyPresent(
  ircs: readonly IrcSite[],
  readers: ReadonlyMap<string, StreamReader>,
): Promise<void> {
  const present = () =>
    ircs.every(({ ear, mouth }) => ear.present && mouth.present) &&
    [...readers.values()].every(({ open }) => open);
  await until(present, { what: 'everybody to be in place', deadlineMs: PRESENT_MS });
}

function configOf(
  { place }: Gateway,
  names: readonly string[],
  ircs: readonly IrcSite[],
  rooms: readonly string[],
): string {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  const servers = place.wires.map(({ port }) => `"nats://127.0.0.1:${port}"`).join(', ');
  const networks = ircs.map(
    ({ network, gate }) =>
      `  ${network}: { bridge: irc, host: 127.0.0.1, port: ${gate.port}, tls: false, nick: ${BOT}, username: ${place.name}, flood: off }`,
  );
  const channels = rooms.map(
    (room) => `  ${room}: { channels: [ { one: "#${room}" }, { two: "#${room}" } ] }`,
  );
  return `backbone: { name: ${place.name}, servers: [${servers}] }
history: { replicas: ${names.length}, maxBytes: 64MB }
spool: { path: ./spool }
${names.length > 1 ? `owners: { voters: [${names.join(', ')}] }` : ''}
http:
  listen: 127.0.0.1:${place.httpPort}
  tokens: [ { name: load, hash: "sha256:${hash}", scopes: [read, write, status] } ]
networks:
${networks.join('\n')}
rooms:
${channels.join('\n')}
log: { level: info, format: text }
`;
}

export function found<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new RangeError('no such thing in this run');
  return thing;
}

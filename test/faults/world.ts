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
  type TcpProxy,
  type TestContext,
  until,
} from '../peers/index.js';
import { type NatsServer, startBackbone } from './backbone.js';
import { makeClock } from './clock.js';
import { type Disk, makeDisk } from './disk.js';
import { Gateway, type GatewayPlace, TOKEN } from './gateway.js';
import { IrcPerson } from './irc-person.js';
import { StreamReader } from './stream-reader.js';
import { startWire } from './wire.js';

export const NETWORKS = ['one', 'two'] as const;
export type NetworkName = (typeof NETWORKS)[number];
const NAMES = ['alpha', 'beta', 'gamma'] as const;
/** The bots of all gateways have one nick, as in life; their user names tell them apart. */
const BOT = 'parley';
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
  /** Further rooms, as lines of YAML. */
  readonly moreRooms?: string;
  /** No wires: nothing can be cut, and nothing takes longer than it must. @default false */
  readonly straight?: boolean;
  /** Megabytes; the room log takes a third of it. @default 192 */
  readonly diskMb?: number;
  /** `one` belongs to the first gateway and `two` to the second. @default false: as it comes */
  readonly apart?: boolean;
}

/** Resolves once every gateway is ready and everybody is in place. */
export async function startWorld(t: TestContext, options: WorldOptions): Promise<World> {
  const names = NAMES.slice(0, options.nodes);
  const rooms = Array.from({ length: options.rooms }, (_, i) => `r${String(i + 1).padStart(2, '0')}`);
  const { straight = false, diskMb = 192 } = options;
  const disks = await Promise.all(names.map((name) => makeDisk(t, name, straight ? null : diskMb)));
  const [servers, ircs] = await Promise.all([
    startBackbone(t, disks, straight),
    Promise.all(NETWORKS.map((network) => startIrc(t, network, rooms, straight))),
  ]);
  const ports = await freePorts(names.length);
  const nodes = await Promise.all(
    names.map(async (name, i) => {
      const disk = found(disks[i]);
      const place = await placeOf(t, name, { index: i, disk, httpPort: found(ports[i]), servers, straight });
      const gateway = new Gateway(t, place);
      await gateway.write(configOf(gateway, names, { ircs, rooms }, options));
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

interface Plot {
  readonly index: number;
  readonly disk: Disk;
  readonly httpPort: number;
  readonly servers: readonly NatsServer[];
  readonly straight: boolean;
}

async function placeOf(t: TestContext, name: string, plot: Plot): Promise<GatewayPlace> {
  const { index, disk, httpPort, servers, straight } = plot;
  const directory = join(disk.directory, 'gateway');
  await mkdir(directory);
  const nearestFirst = [...servers.slice(index), ...servers.slice(0, index)];
  const wires = await Promise.all(nearestFirst.map(({ port }) => startWire(t, port, straight)));
  const clock = straight ? null : await makeClock(join(directory, 'clock'));
  return { name, directory, httpPort, wires, clock };
}

async function startIrc(
  t: TestContext,
  network: NetworkName,
  rooms: readonly string[],
  straight: boolean,
): Promise<IrcSite> {
  const server = await startNgircd(t);
  const gate = await startWire(t, server.port, straight);
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
  { ircs, rooms }: Pick<World, 'ircs' | 'rooms'>,
  { diskMb = 192, apart = false, moreRooms = '' }: WorldOptions,
): string {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  const servers = place.wires.map(({ port }) => `"nats://127.0.0.1:${port}"`).join(', ');
  const networks = ircs.map(
    ({ network, gate }, i) =>
      `  ${network}: { bridge: irc, host: 127.0.0.1, port: ${gate.port}, tls: false, nick: ${BOT}, username: ${place.name}, flood: off${apart ? `, prefer: ${names[i]}` : ''} }`,
  );
  const channels = rooms.map(
    (room) => `  ${room}: { channels: [ { one: "#${room}" }, { two: "#${room}" } ] }`,
  );
  return `backbone: { name: ${place.name}, servers: [${servers}] }
history: { replicas: ${names.length}, maxBytes: ${Math.floor(diskMb / 3)}MB }
spool: { path: ./spool }
${names.length > 1 ? `owners: { voters: [${names.join(', ')}] }` : ''}
http:
  listen: 127.0.0.1:${place.httpPort}
  tokens: [ { name: load, hash: "sha256:${hash}", scopes: [read, write, status] } ]
networks:
${networks.join('\n')}
rooms:
${channels.join('\n')}
${moreRooms}log: { level: info, format: text }
`;
}

export function found<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new RangeError('no such thing in this run');
  return thing;
}

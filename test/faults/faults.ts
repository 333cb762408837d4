/** What can go wrong, as a table: each fault has a name, says where it cannot be done, does it, and takes it back. */
import { type TcpProxy, until } from '../peers/index.js';
import { type NatsServer, settled } from './backbone.js';
import { IrcPerson } from './irc-person.js';
import type { Random } from './random.js';
import { StreamReader } from './stream-reader.js';
import { found, type IrcSite, type NodeSite, type World } from './world.js';

const STREAM = 'ROOMS';
const BACK_MS = 60_000;

export interface Applied {
  /** `beta`, `n2`, `two`: for the log of the run. */
  readonly target: string;
  /** Takes it back; resolves when what was broken runs again, which may be before everything flows again. */
  undo(): Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly summary: string;
  /** How long it lasts: in a long run, and in a short one. Seconds, at random between the two. */
  readonly lastsS: readonly [number, number];
  readonly shortS: readonly [number, number];
  /** Why it cannot be done in this world, or null. */
  unable(world: World): string | null;
  apply(world: World, random: Random): Promise<Applied>;
}

const always = () => null;
const inClusters = ({ nodes }: World) => (nodes.length > 1 ? null : 'needs three nodes');

export const FAULTS: readonly Fault[] = [
  {
    name: 'stop-parley',
    summary: 'SIGTERM to a gateway, which then starts again',
    lastsS: [0, 2],
    shortS: [0, 0],
    unable: always,
    apply: (world, random) => restarted(random.pick(world.nodes), (node) => node.gateway.stop()),
  },
  {
    name: 'kill-parley',
    summary: 'kill -9 of a gateway',
    lastsS: [0.5, 6],
    shortS: [0, 0],
    unable: always,
    apply: (world, random) => restarted(random.pick(world.nodes), (node) => node.gateway.kill()),
  },
  {
    name: 'kill-nats',
    summary: 'kill -9 of a nats-server',
    lastsS: [0.5, 6],
    shortS: [0.2, 0.5],
    unable: always,
    apply: (world, random) => killNats(random.pick(world.nodes).nats),
  },
  {
    name: 'kill-leader',
    summary: 'kill -9 of the nats-server that leads the room log',
    lastsS: [2, 12],
    shortS: [0.2, 0.5],
    unable: inClusters,
    apply: async (world) => killNats(await leaderOf(world)),
  },
  {
    name: 'kill-node',
    summary: 'kill -9 of a gateway and its nats-server at once',
    lastsS: [0.5, 8],
    shortS: [0, 0.5],
    unable: always,
    apply: (world, random) => killNode(random.pick(world.nodes)),
  },
  {
    name: 'kill-irc',
    summary: 'kill -9 of an IRC server',
    lastsS: [0.5, 5],
    shortS: [0.2, 0.5],
    unable: always,
    apply: (world, random) => killIrc(random.pick(world.ircs)),
  },
  {
    name: 'freeze-parley',
    summary: 'SIGSTOP to a gateway',
    lastsS: [10, 10],
    shortS: [2, 2],
    unable: always,
    apply: async ({ nodes }, random) => frozen(random.pick(nodes).gateway),
  },
  {
    name: 'freeze-nats',
    summary: 'SIGSTOP to a nats-server',
    lastsS: [10, 10],
    shortS: [2, 2],
    unable: always,
    apply: async ({ nodes }, random) => frozen(random.pick(nodes).nats),
  },
  {
    name: 'freeze-node',
    summary: 'SIGSTOP to a gateway and its nats-server',
    lastsS: [10, 10],
    shortS: [2, 2],
    unable: inClusters,
    apply: async ({ nodes }, random) => {
      const { gateway, nats } = random.pick(nodes);
      const [one, other] = [frozen(gateway), frozen(nats)];
      return { target: gateway.name, undo: async () => void (await Promise.all([one.undo(), other.undo()])) };
    },
  },
  {
    name: 'freeze-irc',
    summary: 'SIGSTOP to an IRC server',
    lastsS: [10, 10],
    shortS: [1, 1],
    unable: always,
    apply: async ({ ircs }, random) => {
      const { network, server } = random.pick(ircs);
      server.freeze();
      return { target: network, undo: async () => server.thaw() };
    },
  },
  {
    name: 'part-gateway',
    summary: 'a gateway and every nats-server parted; it still reaches IRC and HTTP',
    lastsS: [3, 15],
    shortS: [1, 2],
    unable: always,
    apply: async ({ nodes }, random) => {
      const { gateway } = random.pick(nodes);
      return stalled(gateway.name, gateway.place.wires);
    },
  },
  {
    name: 'part-node',
    summary: 'a node parted from the other two; it still reaches IRC and HTTP',
    lastsS: [3, 15],
    shortS: [1, 2],
    unable: inClusters,
    apply: async ({ nodes }, random) => partNode(nodes, random.pick(nodes)),
  },
  {
    name: 'disk-full',
    summary: 'no byte free on the disk of a node: its log, and its spool',
    lastsS: [5, 10],
    shortS: [1, 2],
    unable: ({ nodes }) =>
      nodes.every(({ disk }) => disk.canFill) ? null : 'mounting a small disk needs root',
    apply: (world, random) => fillDisk(random.pick(world.nodes)),
  },
  {
    name: 'clock-jump',
    summary: 'the wall clock of a gateway jumps by up to an hour, and back',
    lastsS: [5, 10],
    shortS: [2, 2],
    unable: ({ nodes }) =>
      nodes.every(({ gateway }) => gateway.place.clock !== null) ? null : 'needs libfaketime',
    apply: (world, random) => jumpClock(random.pick(world.nodes), Math.round(random.between(-3600, 3600))),
  },
  {
    name: 'slow-stream',
    summary: 'a reader of every stream that stops reading',
    lastsS: [5, 15],
    shortS: [1, 2],
    unable: always,
    apply: (world, random) => slowStreams(world, random.pick(world.nodes)),
  },
  {
    name: 'slow-irc',
    summary: 'somebody in every IRC channel who stops reading',
    lastsS: [5, 15],
    shortS: [1, 2],
    unable: always,
    apply: (world, random) => slowIrc(random.pick(world.ircs)),
  },
];

async function restarted(node: NodeSite, end: (node: NodeSite) => Promise<void>): Promise<Applied> {
  await end(node);
  return { target: node.gateway.name, undo: () => revive(node) };
}

/** As a service manager does: starts it again until it stays. */
async function revive({ gateway }: NodeSite): Promise<void> {
  const ready = async () => {
    if (!gateway.running) await gateway.start();
    return await gateway.isReady();
  };
  await until(ready, { what: `${gateway.name} to be ready again`, deadlineMs: BACK_MS, everyMs: 100 });
}

async function killNats(nats: NatsServer): Promise<Applied> {
  await nats.kill();
  return { target: nats.name, undo: () => nats.start() };
}

async function leaderOf({ nodes }: World): Promise<NatsServer> {
  const find = async () => {
    for (const { nats } of nodes) if (await nats.leads(STREAM)) return nats;
    return null;
  };
  return await until(find, { what: 'a leader of the room log', deadlineMs: BACK_MS, everyMs: 100 });
}

async function killNode(node: NodeSite): Promise<Applied> {
  await Promise.all([node.gateway.kill(), node.nats.kill()]);
  const undo = async () => {
    await node.nats.start();
    await revive(node);
  };
  return { target: node.gateway.name, undo };
}

/** The bots are let in when the ear is back: what they say before it, nobody could bear witness to. */
async function killIrc({ network, server, gate, ear, mouth }: IrcSite): Promise<Applied> {
  gate.stall();
  await server.kill();
  gate.cut();
  const undo = async () => {
    await server.start();
    await until(() => ear.present && mouth.present, { what: 'the people on IRC', deadlineMs: BACK_MS });
    gate.resume();
  };
  return { target: network, undo };
}

function frozen(process: { readonly name: string; signal(name: NodeJS.Signals): void }): Applied {
  process.signal('SIGSTOP');
  return { target: process.name, undo: async () => process.signal('SIGCONT') };
}

function stalled(target: string, wires: readonly TcpProxy[]): Applied {
  for (const wire of wires) wire.stall();
  return {
    target,
    undo: async () => {
      for (const wire of wires) wire.resume();
    },
  };
}

/** Its routes, what its gateway has to the other servers, and what the other gateways have to its server. */
function partNode(nodes: readonly NodeSite[], node: NodeSite): Applied {
  const index = nodes.indexOf(node);
  const outward = node.gateway.place.wires.slice(1);
  const inward = nodes.flatMap(({ gateway }, i) => {
    const place = (index - i + nodes.length) % nodes.length;
    return place === 0 ? [] : [found(gateway.place.wires[place])];
  });
  return stalled(node.gateway.name, [...node.nats.routes, ...outward, ...inward]);
}

/**
 * Its operator makes room and starts nats-server again. 2.9 needs that: it goes on running, but once a write of its
 * raft log has failed it neither leads nor votes any more, though it says that JetStream is enabled.
 */
async function fillDisk(node: NodeSite): Promise<Applied> {
  await node.disk.fill();
  const undo = async () => {
    await node.disk.free();
    await node.nats.kill();
    await node.nats.start();
    await settled([node.nats]);
    await revive(node);
  };
  return { target: node.gateway.name, undo };
}

async function jumpClock({ gateway }: NodeSite, seconds: number): Promise<Applied> {
  const { clock } = gateway.place;
  await clock?.jump(seconds);
  const undo = async () => {
    await clock?.jump(0);
  };
  return { target: `${gateway.name} ${seconds} s`, undo };
}

async function slowStreams({ rooms }: World, { gateway }: NodeSite): Promise<Applied> {
  const readers = rooms.map((room) => new StreamReader(room, [gateway.url]));
  const open = () => readers.every((reader) => reader.open);
  await until(open, { what: 'the slow readers', deadlineMs: BACK_MS }).catch(() => {});
  for (const reader of readers) reader.deafen();
  const undo = async () => {
    for (const reader of readers) reader.close();
  };
  return { target: gateway.name, undo };
}

async function slowIrc({ network, server, ear }: IrcSite): Promise<Applied> {
  const person = new IrcPerson(server.port, 'slow', ear.channels);
  await until(() => person.present, { what: 'the slow person', deadlineMs: BACK_MS });
  person.deafen();
  return { target: network, undo: async () => person.leave() };
}

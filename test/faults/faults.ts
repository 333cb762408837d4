/** What can go wrong, as a table: each fault has a name, says where it cannot be done, does it, and takes it back. */
import {
  type Applied,
  fillDisk,
  frozen,
  jumpClock,
  killIrc,
  killNats,
  killNode,
  leaderOf,
  partNode,
  restarted,
  slowIrc,
  slowStreams,
  stalled,
} from './acts.js';
import type { Random } from './random.js';
import type { World } from './world.js';

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
    apply: (world, random) => fillDisk(world, random.pick(world.nodes)),
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

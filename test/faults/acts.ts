/** How each fault is done, and taken back. */
import { type TcpProxy, until } from '../peers/index.js';
import { type NatsServer, settled } from './backbone.js';
import { IrcPerson } from './irc-person.js';
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

export async function restarted(node: NodeSite, end: (node: NodeSite) => Promise<void>): Promise<Applied> {
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

export async function killNats(nats: NatsServer): Promise<Applied> {
  await nats.kill();
  return { target: nats.name, undo: () => nats.start() };
}

export async function leaderOf({ nodes }: World): Promise<NatsServer> {
  const find = async () => {
    for (const { nats } of nodes) if (await nats.leads(STREAM)) return nats;
    return null;
  };
  return await until(find, { what: 'a leader of the room log', deadlineMs: BACK_MS, everyMs: 100 });
}

export async function killNode(node: NodeSite): Promise<Applied> {
  await Promise.all([node.gateway.kill(), node.nats.kill()]);
  const undo = async () => {
    await node.nats.start();
    await revive(node);
  };
  return { target: node.gateway.name, undo };
}

/** The bots are let in when the ear is back: what they say before it, nobody could bear witness to. */
export async function killIrc({ network, server, gate, ear, mouth }: IrcSite): Promise<Applied> {
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

export function frozen(process: { readonly name: string; signal(name: NodeJS.Signals): void }): Applied {
  process.signal('SIGSTOP');
  return { target: process.name, undo: async () => process.signal('SIGCONT') };
}

export function stalled(target: string, wires: readonly TcpProxy[]): Applied {
  for (const wire of wires) wire.stall();
  return {
    target,
    undo: async () => {
      for (const wire of wires) wire.resume();
    },
  };
}

/** Its routes, what its gateway has to the other servers, and what the other gateways have to its server. */
export function partNode(nodes: readonly NodeSite[], node: NodeSite): Applied {
  const index = nodes.indexOf(node);
  const outward = node.gateway.place.wires.slice(1);
  const inward = nodes.flatMap(({ gateway }, i) => {
    const place = (index - i + nodes.length) % nodes.length;
    return place === 0 ? [] : [found(gateway.place.wires[place])];
  });
  return stalled(node.gateway.name, [...node.nats.routes, ...outward, ...inward]);
}

/**
 * Its operator does what docs/cluster.md says, and a managed node does by itself: makes room, and in a cluster empties
 * the store before nats-server starts again. What 2.9 wrote without room is damaged (empty snapshots whose log is gone),
 * and it leads the others with that.
 */
export async function fillDisk({ nodes }: World, node: NodeSite): Promise<Applied> {
  await node.disk.fill();
  const undo = async () => {
    await node.disk.free();
    await node.nats.kill();
    if (nodes.length > 1) await node.nats.empty();
    await node.nats.start();
    await settled([node.nats]);
    await revive(node);
  };
  return { target: node.gateway.name, undo };
}

export async function jumpClock({ gateway }: NodeSite, seconds: number): Promise<Applied> {
  const { clock } = gateway.place;
  await clock?.jump(seconds);
  const undo = async () => {
    await clock?.jump(0);
  };
  return { target: `${gateway.name} ${seconds} s`, undo };
}

export async function slowStreams({ rooms }: World, { gateway }: NodeSite): Promise<Applied> {
  const readers = rooms.map((room) => new StreamReader(room, [gateway.url]));
  const open = () => readers.every((reader) => reader.open);
  await until(open, { what: 'the slow readers', deadlineMs: BACK_MS }).catch(() => {});
  for (const reader of readers) reader.deafen();
  const undo = async () => {
    for (const reader of readers) reader.close();
  };
  return { target: gateway.name, undo };
}

export async function slowIrc({ network, server, ear }: IrcSite): Promise<Applied> {
  const person = new IrcPerson(server.port, 'slow', ear.channels);
  await until(() => person.present, { what: 'the slow person', deadlineMs: BACK_MS });
  person.deafen();
  return { target: network, undo: async () => person.leave() };
}

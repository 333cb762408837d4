/**
 * Three gateways, each a process of its own behind a wire that can be cut, on a cluster of three nats-servers; two IRC
 * servers whose channels are one room; and a checker on each channel that records who said what and when.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { TIMINGS } from '../../src/ownership/index.js';
import type { Beat } from '../../src/ownership/types.js';
import { post, startProgram } from '../gateway/program.js';
import { said } from '../gateway/stage.js';
import {
  freePorts,
  type IrcClient,
  type IrcServer,
  ircClient,
  type NatsClusterNode,
  type PeerProcess,
  startNatsCluster,
  startNgircd,
  startTcpProxy,
  type TcpProxy,
  type TestContext,
  temporaryDirectory,
  until,
} from '../peers/index.js';

export const NAMES = ['alpha', 'beta', 'gamma'] as const;
export type Name = (typeof NAMES)[number];
const TOKEN = 'parley_owner';
const READY_MS = 120_000;

export interface Utterance {
  /** Milliseconds, steady clock. */
  readonly atMs: number;
  /** The gateway whose bot said it. */
  readonly by: string;
  readonly text: string;
}

/** One gateway. */
export class Member {
  #process: PeerProcess | null = null;

  constructor(
    readonly t: TestContext,
    readonly name: Name,
    readonly directory: string,
    readonly wire: TcpProxy,
    readonly url: string,
  ) {}

  get config(): string {
    return join(this.directory, `${this.name}.yaml`);
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  async start(): Promise<void> {
    const { name, directory, config } = this;
    this.#process = await startProgram(this.t, { name, directory, config });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  log(): string {
    return this.#process?.log() ?? '';
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#process?.signal('SIGTERM');
    return (await this.#process?.exited)?.code ?? null;
  }

  /** What waits for a network here, and what is on the wire. */
  async network(name: string): Promise<{ readonly queued: number; readonly inFlight: number }> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${this.url}/v1/networks`, { headers, signal: AbortSignal.timeout(5000) });
    const { networks } = (await answer.json()) as {
      networks: readonly { network: string; queued: number; inFlight: number }[];
    };
    return found(networks.find(({ network }) => network === name));
  }

  /** True when the log has it. */
  async say(text: string): Promise<boolean> {
    const line = { url: this.url, token: TOKEN, room: 'lobby', text, timeoutMs: 5000 };
    const answer = await post(line).catch(() => null);
    return answer?.status === 202;
  }
}

/** Sits in a channel and writes down which gateway's bot says what; bots are named after their gateway. */
export class Checker {
  readonly heard: Utterance[] = [];
  /** Each time that a bot left the channel: whose. */
  readonly left: string[] = [];
  readonly #bots = new Set<string>();

  constructor(readonly client: IrcClient) {
    client.onLine((line) => {
      const by = NAMES.find((name) => line.nick.startsWith(name));
      if (by === undefined) return;
      if (line.command === 'PRIVMSG') this.heard.push({ atMs: performance.now(), by, text: said(line.text) });
      if (line.command === 'JOIN') this.#bots.add(by);
      if (line.command !== 'QUIT' && line.command !== 'PART') return;
      this.#bots.delete(by);
      this.left.push(by);
    });
  }

  /** Gateways whose bot is in the channel now. */
  get bots(): readonly string[] {
    return [...this.#bots];
  }

  /** Who speaks, each turn once: `alpha, beta` after one takeover. */
  get turns(): readonly string[] {
    return this.heard.map(({ by }) => by).filter((by, index, all) => by !== all[index - 1]);
  }

  has(text: string): boolean {
    return this.heard.some((one) => one.text.endsWith(text));
  }

  /** How often each text was heard. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { text } of this.heard) counts.set(text, (counts.get(text) ?? 0) + 1);
    return counts;
  }
}

export interface Ensemble {
  readonly members: readonly Member[];
  readonly nodes: readonly NatsClusterNode[];
  readonly servers: { readonly one: IrcServer; readonly two: IrcServer };
  readonly checkers: { readonly one: Checker; readonly two: Checker };
  member(name: string): Member;
  node(name: string): NatsClusterNode;
  /** The owner of a network, as a witness on the backbone hears it; null while there is none. */
  owner(network: 'one' | 'two'): string | null;
  /** Whether the gateway has been heard for longer than a voter is mute. */
  isVoting(name: string): boolean;
  /** Resolves with the owner once it is another than `before` and its bot is in the channel. */
  nextOwner(network: 'one' | 'two', before: string): Promise<string>;
}

/** Resolves when each network has an owner, and all gateways vote. */
export async function startEnsemble(t: TestContext): Promise<Ensemble> {
  const [nodes, one, two] = await Promise.all([startNatsCluster(t), startNgircd(t), startNgircd(t)]);
  const checkers = { one: await checkerOf(t, one, '#a'), two: await checkerOf(t, two, '#b') };
  const directory = await temporaryDirectory(t, 'owners');
  const http = await freePorts(NAMES.length);
  const members = await Promise.all(
    NAMES.map(async (name, index) => {
      const wire = await startTcpProxy(t, nodes[index]?.port ?? 0);
      const member = new Member(t, name, directory, wire, `http://127.0.0.1:${http[index]}`);
      await writeFile(member.config, configOf(name, wire.port, http[index] ?? 0, one, two));
      return member;
    }),
  );
  await Promise.all(members.map((member) => member.start()));
  const witness = await openWitness(t, nodes);
  const ensemble: Ensemble = {
    members,
    nodes,
    servers: { one, two },
    checkers,
    member: (name) => found(members.find((member) => member.name === name)),
    node: (name) => found(nodes[NAMES.indexOf(name as Name)]),
    owner: (network) => witness.owner(network),
    isVoting: (name) => witness.isVoting(name),
    nextOwner: (network, before) =>
      until(
        () => {
          const owner = witness.owner(network);
          return owner !== null && owner !== before && checkers[network].bots.includes(owner) ? owner : null;
        },
        { what: `the next owner of ${network}`, deadlineMs: READY_MS },
      ),
  };
  // Of three, of whom one is mute yet, the death of another rightly ends a lease.
  const allVote = () => NAMES.every((name) => witness.isVoting(name));
  await until(allVote, { what: 'all gateways to vote', deadlineMs: READY_MS });
  await Promise.all([ensemble.nextOwner('one', ''), ensemble.nextOwner('two', '')]);
  return ensemble;
}

async function checkerOf(t: TestContext, server: IrcServer, channel: string): Promise<Checker> {
  const client = await ircClient(t, server, { nick: 'checker' });
  const checker = new Checker(client);
  await client.join(channel);
  return checker;
}

/** Hears what the gateways tell one another, from whichever nats-server is up. */
async function openWitness(
  t: TestContext,
  nodes: readonly NatsClusterNode[],
): Promise<Pick<Ensemble, 'owner' | 'isVoting'>> {
  const bus: Bus = await connectBus(
    {
      address: { servers: nodes.map(({ port }) => `nats://127.0.0.1:${port}`) },
      prefix: 'parley',
      history: { maxAgeMs: 30 * 86_400_000, maxBytes: 1_000_000_000, replicas: 3 },
      name: 'witness',
    },
    silentLogger,
  );
  t.teardown(() => bus.close(0));
  const presence = new Map<string, { instance: string; sinceMs: number; atMs: number }>();
  const owners = new Map<string, { gateway: string; atMs: number }>();
  bus.hear(['owners', 'beat'], (body) => {
    const beat = body as Beat;
    const { instance, gateway } = beat;
    const before = presence.get(gateway);
    const atMs = performance.now();
    const steady = before?.instance === instance && atMs - before.atMs < 1500;
    presence.set(gateway, { instance, atMs, sinceMs: steady ? before.sinceMs : atMs });
    for (const { network, state } of beat.claims) {
      if (state === 'holds') owners.set(network, { gateway: beat.gateway, atMs: performance.now() });
      else if (owners.get(network)?.gateway === beat.gateway) owners.delete(network);
    }
  });
  return {
    isVoting: (name) => {
      const { sinceMs, atMs } = presence.get(name) ?? { sinceMs: 0, atMs: 0 };
      const now = performance.now();
      return now - atMs < 1000 && now - sinceMs > TIMINGS.ttlMs + 500;
    },
    owner: (network) => {
      const owner = owners.get(network);
      return owner === undefined || performance.now() - owner.atMs > 2500 ? null : owner.gateway;
    },
  };
}

function found<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('no such member');
  return thing;
}

function configOf(name: string, natsPort: number, httpPort: number, one: IrcServer, two: IrcServer): string {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  const network = ({ port }: IrcServer) =>
    `{ bridge: irc, host: 127.0.0.1, port: ${port}, tls: false, nick: ${name}, flood: off }`;
  return `backbone: { name: ${name}, servers: ["nats://127.0.0.1:${natsPort}"] }
history: { replicas: 3 }
spool: { path: ./spool-${name} }
owners: { voters: [${NAMES.join(', ')}] }
http:
  listen: 127.0.0.1:${httpPort}
  tokens: [ { name: tester, hash: "sha256:${hash}", scopes: [write, status] } ]
networks:
  one: ${network(one)}
  two: ${network(two)}
rooms:
  lobby: { channels: [ { one: "#a" }, { two: "#b" } ] }
`;
}

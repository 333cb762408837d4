/** Machines for the tests of clusters: stores, ports and certificates for managed nodes, all on 127.0.0.1. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Bus, BusOptions } from '../../src/bus/index.js';
import type { NodeConfig } from '../../src/config/index.js';
import { type Logger, silentLogger } from '../../src/log.js';
import {
  type Authority,
  type ClusterMember,
  type ClusterState,
  type Credentials,
  createAuthority,
  createKey,
  filesOf,
  issueCertificate,
  type Node,
  type NodeLimits,
  newCredentials,
  startNode,
  writeClusterFile,
  writeCredentials,
} from '../../src/node/index.js';
import { openBus } from '../bus/fixtures.js';
import { temporaryDirectory, until } from '../peers/index.js';
import { freePorts } from '../peers/ports.js';

const HOST = '127.0.0.1';

export interface Machine {
  readonly name: string;
  readonly config: NodeConfig;
  readonly member: ClusterMember;
  /** Starts its node; stopped at the test's end. */
  start(log?: Logger, limits?: Partial<NodeLimits>): Promise<Node>;
}

export interface Machines {
  readonly authority: Authority;
  readonly credentials: Credentials;
  readonly all: readonly Machine[];
  /** What a member's cluster.json says. */
  stateOf(machine: Machine, members?: readonly Machine[]): ClusterState;
}

/** `disks`: where the store of the machine of that name is to be, rather than anywhere. */
export async function makeMachines(
  t: ExecutionContext,
  names: readonly string[],
  disks: Readonly<Record<string, string>> = {},
): Promise<Machines> {
  const authority = await createAuthority('parley test');
  const credentials = newCredentials();
  const all = await Promise.all(
    names.map((name) => makeMachine(t, name, authority, credentials, disks[name])),
  );
  return {
    authority,
    credentials,
    all,
    stateOf: (machine, members = all) => ({
      version: 1,
      mode: 'cluster',
      cluster: 'test',
      self: machine.name,
      members: members.map(({ member }) => member),
    }),
  };
}

/** Machines whose stores say that they are one cluster; nothing runs yet. */
export async function makeCluster(
  t: ExecutionContext,
  names = ['alpha', 'beta', 'gamma'],
  disks: Readonly<Record<string, string>> = {},
): Promise<Machines> {
  const machines = await makeMachines(t, names, disks);
  await Promise.all(
    machines.all.map((machine) =>
      writeClusterFile(filesOf(machine.config.store).cluster, machines.stateOf(machine)),
    ),
  );
  return machines;
}

/** All nodes of a cluster, ready. */
export async function startAll(machines: Machines): Promise<readonly Node[]> {
  const nodes = await Promise.all(machines.all.map((machine) => machine.start()));
  await Promise.all(nodes.map((node) => node.ready(AbortSignal.timeout(60_000))));
  return nodes;
}

/** Once the streams are there: a leader that has just been chosen may not know of all servers yet, and place no three copies. */
export async function openStreams(
  t: ExecutionContext,
  node: Node,
  history: BusOptions['history'],
): Promise<Bus> {
  const attempt = () => openBus(t, node.address, { history }).catch(() => null);
  return await until(attempt, { what: 'the streams', deadlineMs: 90_000 });
}

export async function makeMachine(
  t: ExecutionContext,
  name: string,
  authority: Authority,
  credentials: Credentials,
  directory?: string,
): Promise<Machine> {
  const store = join(directory ?? (await temporaryDirectory(t, name)), 'data');
  await mkdir(filesOf(store).tls.directory, { recursive: true });
  await writeCredentials(filesOf(store).credentials, credentials);
  await certify(store, name, authority);
  const [client = 0, route = 0, leaf = 0] = await freePorts(3);
  const config: NodeConfig = {
    name,
    listen: { host: HOST, port: client },
    store,
    cluster: { listen: { host: HOST, port: null } },
    leaf: { listen: { host: HOST, port: null } },
  };
  const member = {
    name,
    route: `${HOST}:${route}`,
    client: `${HOST}:${client}`,
    leaf: `${HOST}:${leaf}`,
  };
  const start = async (log: Logger = silentLogger, limits: Partial<NodeLimits> = {}): Promise<Node> => {
    const node = await startNode(config, log, 'parley', async () => {}, limits);
    t.teardown(() => node.stop());
    return node;
  };
  return { name, config, member, start };
}

/** A new certificate of this CA in the store. `trusted`: the CAs that the node trusts; default this one. */
export async function certify(
  store: string,
  name: string,
  authority: Authority,
  trusted = authority.cert,
): Promise<void> {
  const { tls } = filesOf(store);
  const { key, request } = await createKey(name);
  const cert = await issueCertificate(authority, request, { name, hosts: [HOST, 'localhost'] });
  await Promise.all([
    writeFile(tls.ca, trusted),
    writeFile(tls.cert, cert),
    writeFile(tls.key, key, { mode: 0o600 }),
  ]);
}

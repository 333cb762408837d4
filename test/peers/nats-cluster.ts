/** Three nats-servers with JetStream that form one cluster, each a process that a test may kill, freeze or cut off. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../../src/node/program.js';
import type { TestContext } from './context.js';
import { freePorts } from './ports.js';
import { type PeerProcess, startProcess, temporaryDirectory } from './process.js';
import { until } from './wait.js';

export interface NatsClusterNode {
  readonly name: string;
  /** Where its clients connect. */
  readonly port: number;
  readonly running: boolean;
  kill(): Promise<void>;
  /** Starts it again in the same place after `kill`. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

const READY_MS = 30_000;

/** Ready, with a leader for JetStream, when it resolves. Another process may take a port meanwhile: tried again then. */
export async function startNatsCluster(t: TestContext): Promise<readonly NatsClusterNode[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(t);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function startOnce(t: TestContext): Promise<readonly NatsClusterNode[]> {
  const names = ['n1', 'n2', 'n3'];
  const ports = await freePorts(names.length * 3);
  const [clients, routes, monitors] = [ports.slice(0, 3), ports.slice(3, 6), ports.slice(6, 9)];
  const directory = await temporaryDirectory(t, 'cluster');
  const nodes = await Promise.all(
    names.map((name, index) => {
      const own = { client: clients[index] ?? 0, route: routes[index] ?? 0, monitor: monitors[index] ?? 0 };
      return startNode(t, directory, name, own, routes);
    }),
  );
  await until(() => hasLeader(monitors), { what: 'a JetStream leader', deadlineMs: READY_MS, everyMs: 50 });
  return nodes;
}

interface NodePorts {
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
}

async function startNode(
  t: TestContext,
  directory: string,
  name: string,
  ports: NodePorts,
  routes: readonly number[],
): Promise<NatsClusterNode> {
  const store = join(directory, name);
  await mkdir(store);
  const file = join(directory, `${name}.conf`);
  await writeFile(file, configOf(name, store, ports, routes));
  const program = await findProgram();
  const launch = (): Promise<PeerProcess> =>
    startProcess(t, { name, command: program.command, args: [...program.args, '-c', file] });
  let process = await launch();
  return {
    name,
    port: ports.client,
    get running() {
      return process.running;
    },
    kill: () => process.kill(),
    start: async () => {
      process = await launch();
    },
    signal: (signal) => process.signal(signal),
  };
}

/** Clients are not told of the other servers: a test that cuts a wire to one of them means it. */
function configOf(name: string, store: string, ports: NodePorts, routes: readonly number[]): string {
  const others = routes.filter((port) => port !== ports.route).map((port) => `"nats://127.0.0.1:${port}"`);
  return `server_name: ${name}
host: "127.0.0.1"
port: ${ports.client}
http: "127.0.0.1:${ports.monitor}"
jetstream { store_dir: ${JSON.stringify(store)} }
cluster { name: test, host: "127.0.0.1", port: ${ports.route}, no_advertise: true, routes: [${others.join(', ')}] }
`;
}

/** The monitoring port tells who leads, and all three must know each other. */
async function hasLeader(monitors: readonly number[]): Promise<boolean> {
  const views = await Promise.all(
    monitors.map(async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/jsz`).catch(() => null);
      const view = (await answer?.json()) as
        | { meta_cluster?: { leader?: string; cluster_size?: number } }
        | undefined;
      return view?.meta_cluster;
    }),
  );
  return views.every((view) => (view?.leader ?? '') !== '' && view?.cluster_size === monitors.length);
}

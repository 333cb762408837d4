/** Three nats-servers in a cluster, without users: everybody may do everything. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connect } from 'nats';
import type { BusAddress } from '../../src/bus/index.js';
import { freePorts } from './ports.js';
import { startProcess, temporaryDirectory } from './process.js';
import { until } from './wait.js';

const READY_MS = 60_000;

/** Resolves once streams can be made. */
export async function startPlainCluster(t: ExecutionContext): Promise<BusAddress> {
  const directory = await temporaryDirectory(t, 'nats-cluster');
  const ports = await freePorts(6);
  const [clients, routes] = [ports.slice(0, 3), ports.slice(3)];
  for (const [index, port] of clients.entries()) {
    const file = join(directory, `n${index}.conf`);
    await writeFile(file, configOf(index, port, routes, join(directory, `n${index}`)));
    await startProcess(t, { name: `nats-server ${index}`, command: 'nats-server', args: ['-c', file] });
  }
  const address = { servers: clients.map((port) => `nats://127.0.0.1:${port}`) };
  await until(() => hasLeader(address).catch(() => false), { what: 'a leader', deadlineMs: READY_MS });
  return address;
}

async function hasLeader({ servers }: BusAddress): Promise<boolean> {
  const nats = await connect({ servers: [...servers], maxReconnectAttempts: 0 });
  try {
    const manager = await nats.jetstreamManager({ checkAPI: false });
    // Told without a majority, too, were it asked only how it is.
    await manager.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: 3 });
    return await manager.streams.delete('PROBE');
  } finally {
    await nats.close();
  }
}

function configOf(index: number, port: number, routes: readonly number[], store: string): string {
  const others = routes
    .filter((_, other) => other !== index)
    .map((route) => `"nats-route://127.0.0.1:${route}"`);
  return `server_name: "n${index}"
host: "127.0.0.1"
port: ${port}
jetstream { store_dir: ${JSON.stringify(store)} }
cluster { name: "plain", host: "127.0.0.1", port: ${routes[index]}, routes: [ ${others.join(', ')} ] }
`;
}

/**
 * nats-servers with JetStream, one alone or three as a cluster, each with a disk of its own.
 *
 * Every route leads through a wire of its own from one server to one other, so that any pair can be parted. Servers
 * advertise an address where nobody listens: what they tell one another of their routes would lead past the wires.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Holdings, readHoldings } from '../../src/bus/holdings.js';
import { findProgram } from '../../src/node/program.js';
import {
  freePorts,
  type PeerProcess,
  startProcess,
  type TcpProxy,
  type TestContext,
  temporaryDirectory,
  until,
} from '../peers/index.js';
import type { Disk } from './disk.js';
import { startWire } from './wire.js';

const READY_MS = 60_000;
const NOBODY = '127.0.0.1:1';

export interface NatsServer {
  readonly name: string;
  readonly port: number;
  readonly running: boolean;
  /** Its routes, both ways. */
  readonly routes: readonly TcpProxy[];
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Forgets all that it stored; while it does not run. */
  empty(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** True when JetStream answers here and knows a leader. */
  healthy(): Promise<boolean>;
  /** True when it leads this stream. */
  leads(stream: string): Promise<boolean>;
  /** Names of the durable consumers of the stream that it leads. */
  ledConsumers(stream: string): Promise<readonly string[]>;
  /** Sequence of the last message of the stream that this server itself has; 0 when it has none or does not answer. */
  lastSequence(stream: string): Promise<number>;
  /** As the servers tell each other; empty when it does not answer. */
  holdings(): Promise<readonly Holdings[]>;
  log(lines?: number): string;
}

interface Ports {
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
}

/** Started, and with a leader, when it resolves. One disk a server. `straight`: without wires. */
export async function startBackbone(
  t: TestContext,
  disks: readonly Disk[],
  straight = false,
): Promise<readonly NatsServer[]> {
  const free = await freePorts(disks.length * 3);
  const ports = disks.map((_, i) => ({
    client: free[3 * i] ?? 0,
    route: free[3 * i + 1] ?? 0,
    monitor: free[3 * i + 2] ?? 0,
  }));
  const wires = await Promise.all(
    ports.map((_, from) =>
      Promise.all(ports.map(({ route }, to) => (from === to ? null : startWire(t, route, straight)))),
    ),
  );
  const directory = await temporaryDirectory(t, 'backbone');
  const servers = await Promise.all(
    disks.map(async (disk, i) => {
      const name = `n${i + 1}`;
      const outward = (wires[i] ?? []).filter((wire) => wire !== null);
      const inward = wires.map((row) => row[i] ?? null).filter((wire) => wire !== null);
      const own = ports[i] ?? { client: 0, route: 0, monitor: 0 };
      const file = join(directory, `${name}.conf`);
      const store = join(disk.directory, 'jetstream');
      await mkdir(store);
      await writeFile(file, configOf(name, store, own, outward, straight));
      return new RunningServer(t, name, { file, store }, own, [...outward, ...inward]);
    }),
  );
  await Promise.all(servers.map((server) => server.start()));
  await settled(servers);
  return servers;
}

/** Resolves once every server answers for JetStream. */
export async function settled(servers: readonly NatsServer[]): Promise<void> {
  const all = async () => (await Promise.all(servers.map((server) => server.healthy()))).every(Boolean);
  await until(all, { what: 'every nats-server to be healthy', deadlineMs: READY_MS, everyMs: 50 });
}

class RunningServer implements NatsServer {
  readonly port: number;
  #process: PeerProcess | null = null;
  /** Of the processes before this one. */
  #earlier = '';

  constructor(
    readonly t: TestContext,
    readonly name: string,
    readonly paths: { readonly file: string; readonly store: string },
    readonly ports: Ports,
    readonly routes: readonly TcpProxy[],
  ) {
    this.port = ports.client;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  async start(): Promise<void> {
    const { command, args } = await findProgram();
    if (this.#process !== null) this.#earlier += `${this.#process.log()}\n── started again\n`;
    this.#process = await startProcess(this.t, {
      name: this.name,
      command,
      args: [...args, '-c', this.paths.file],
    });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async empty(): Promise<void> {
    await rm(this.paths.store, { recursive: true, force: true });
    await mkdir(this.paths.store);
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.signal(name);
  }

  async healthy(): Promise<boolean> {
    const view = await this.#ask<JetStreamView>('/jsz');
    if (view === null || view.disabled === true) return false;
    const isCluster = this.routes.length > 0;
    return !isCluster || (view.meta_cluster?.leader ?? '') !== '';
  }

  async leads(stream: string): Promise<boolean> {
    const found = await this.#streamOf(stream);
    return found !== undefined && (found.cluster?.leader ?? this.name) === this.name;
  }

  async ledConsumers(stream: string): Promise<readonly string[]> {
    const { consumer_detail = [] } = (await this.#streamOf(stream)) ?? {};
    const led = consumer_detail.filter(({ cluster }) => (cluster?.leader ?? this.name) === this.name);
    return led.flatMap(({ config }) => config?.durable_name ?? []);
  }

  async lastSequence(stream: string): Promise<number> {
    return (await this.#streamOf(stream))?.state?.last_seq ?? 0;
  }

  async holdings(): Promise<readonly Holdings[]> {
    const data = await this.#ask<object>('/jsz?accounts=true&streams=true&consumers=true');
    return data === null ? [] : readHoldings({ name: this.name, data });
  }

  /** All that it wrote over all its starts, or the last `lines` of the current one. */
  log(lines?: number): string {
    const current = this.#process?.log(lines) ?? '';
    return lines === undefined ? this.#earlier + current : current;
  }

  async #streamOf(stream: string): Promise<StreamView | undefined> {
    const view = await this.#ask<JetStreamView>('/jsz?accounts=true&streams=true&consumers=true&config=true');
    const streams = view?.account_details?.flatMap(({ stream_detail = [] }) => stream_detail) ?? [];
    return streams.find(({ name }) => name === stream);
  }

  async #ask<Answer>(path: string): Promise<Answer | null> {
    if (!this.running) return null;
    const url = `http://127.0.0.1:${this.ports.monitor}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    return ((await answer?.json().catch(() => null)) as Answer | undefined) ?? null;
  }
}

interface JetStreamView {
  readonly disabled?: boolean;
  readonly meta_cluster?: { readonly leader?: string };
  readonly account_details?: readonly { readonly stream_detail?: readonly StreamView[] }[];
}

interface StreamView {
  readonly name: string;
  readonly cluster?: { readonly leader?: string };
  readonly consumer_detail?: readonly {
    readonly cluster?: { readonly leader?: string };
    readonly config?: { readonly durable_name?: string };
  }[];
  readonly state?: { readonly last_seq: number };
}

function configOf(
  name: string,
  store: string,
  ports: Ports,
  routes: readonly TcpProxy[],
  straight: boolean,
): string {
  const urls = routes.map(({ port }) => `"nats://127.0.0.1:${port}"`).join(', ');
  const advertise = straight ? '' : `cluster_advertise: "${NOBODY}", `;
  const cluster = `cluster { name: faults, host: "127.0.0.1", port: ${ports.route}, ${advertise}no_advertise: true, routes: [${urls}] }`;
  return `server_name: ${name}
host: "127.0.0.1"
port: ${ports.client}
http: "127.0.0.1:${ports.monitor}"
ping_interval: "2s"
ping_max: 2
jetstream { store_dir: ${JSON.stringify(store)}, max_file_store: 1GB, max_memory_store: 64MB }
${routes.length === 0 ? '' : cluster}
`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startNgircd } from '../peers/index.js';
import { BenchPoster } from './http-client.js';

/** Another build with `PARLEY_BENCH_MAIN`: two builds are compared with one client, in turns. */
const MAIN = process.env.PARLEY_BENCH_MAIN ?? new URL('../../src/main.js', import.meta.url).pathname;
const READY_WITHIN_MS = 15_000;

export interface Stage {
  readonly one: { readonly port: number };
  readonly two: { readonly port: number; kill(): Promise<void>; start(): Promise<void> };
  readonly http: string;
  readonly token: string;
  readonly parley: { start(): Promise<void>; stop(): Promise<void>; kill(): Promise<void> };
  /** Rejects unless answered 202. */
  post(room: string, text: string): Promise<void>;
  pids(): Promise<{ readonly pid: number; readonly nodePid: number }>;
  /** Saves a config with a network that keeps to ordinary flood limits; resolves once that is connected. */
  addSlowNetwork(): Promise<void>;
  /** Writes a file into the stage's directory and returns its path. */
  write(name: string, text: string): Promise<string>;
  stop(): Promise<void>;
}

/** Two IRC servers without flood limits, and a Parley between them as a process of its own. */
export async function startStage(): Promise<Stage> {
  const teardowns: (() => unknown)[] = [];
  const scope = { teardown: (end: () => unknown) => void teardowns.unshift(end) };
  const directory = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const [one, two] = await Promise.all([startNgircd(scope), startNgircd(scope)]);
  const token = 'parley_bench';
  const [httpPort = 0] = await freePorts(1);
  const http = `http://127.0.0.1:${httpPort}`;
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const config = await write('parley.yaml', configOf(one.port, two.port, httpPort, token));
  const parley = new ParleyProcess(config, directory, http);
  const poster = new BenchPoster(httpPort, token);
  await parley.start();
  return {
    one,
    two,
    http,
    token,
    parley,
    post: (room, text) => poster.post(room, text),
    pids: async () => ({ pid: parley.pid, nodePid: await nodePid(directory) }),
    write,
    addSlowNetwork: async () => {
      await write('parley.yaml', configOf(one.port, two.port, httpPort, token, slowOf(two.port)));
      await until(() => isConnected(http, token, 'slow'));
    },
    stop: async () => {
      poster.close();
      await parley.stop();
      for (const end of teardowns) await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

class ParleyProcess {
  readonly #config: string;
  readonly #directory: string;
  readonly #http: string;
  /** What `npm start` gives to node; for a profiler: `PARLEY_BENCH_NODE_ARGS="--cpu-prof"`. */
  readonly #nodeArgs = process.env.PARLEY_BENCH_NODE_ARGS?.split(' ') ?? ['--max-semi-space-size=4'];
  #child: ChildProcess | null = null;

  constructor(config: string, directory: string, http: string) {
    this.#config = config;
    this.#directory = directory;
    this.#http = http;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves once every network is in its channels. */
  async start(): Promise<void> {
    this.#child = spawn(process.execPath, [...this.#nodeArgs, MAIN, 'start', '-c', this.#config], {
      cwd: this.#directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await until(() =>
      fetch(`${this.#http}/readyz`).then(
        (response) => response.ok,
        () => false,
      ),
    );
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

async function nodePid(directory: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(directory, 'data', 'node.json'), 'utf8')) as { pid: number };
  return pid;
}

async function isConnected(http: string, token: string, network: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${http}/v1/networks/${network}`, { headers });
  return response.ok && ((await response.json()) as { state: string }).state === 'connected';
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error('Parley was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Extra {
  readonly network: string;
  readonly room: string;
}

function slowOf(port: number): Extra {
  return {
    network: `slow: { bridge: irc, host: 127.0.0.1, port: ${port}, tls: false, nick: slow, flood: { burst: 5, perSecond: 2 } }`,
    room: 'slow: { channels: [ { one: "#slow" }, { slow: "#slow" } ] }',
  };
}

function configOf(one: number, two: number, http: number, token: string, extra?: Extra): string {
  const hash = createHash('sha256').update(token).digest('hex');
  const network = (port: number) =>
    `{ bridge: irc, host: 127.0.0.1, port: ${port}, tls: false, nick: parley, flood: off }`;
  return `
node: { name: bench, listen: "127.0.0.1:auto", store: ./data }
networks:
  one: ${network(one)}
  two: ${network(two)}
  ${extra?.network ?? ''}
rooms:
  bench: { channels: [ { one: "#bench" }, { two: "#bench" } ] }
  ${extra?.room ?? ''}
http:
  listen: 127.0.0.1:${http}
  tokens: [ { name: bench, hash: "sha256:${hash}", scopes: [read, write, status] } ]
log: { level: error, format: text }
`;
}

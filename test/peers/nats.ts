/** A private nats-server with JetStream for one test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import type { BusAddress } from '../../src/bus/index.js';
import { findProgram } from '../../src/node/program.js';
import { freeze } from './freeze.js';

export interface NatsPeer {
  readonly address: BusAddress;
  readonly port: number;
  readonly pid: number;
  /** Ends it and starts it again: same port, same store. */
  restart(): Promise<void>;
  /** kill -9; `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it from running without ending it, as a machine that hangs; `thaw` lets it go on. */
  freeze(): Promise<void>;
  thaw(): void;
  stop(): Promise<void>;
}

export interface NatsPeerOptions {
  readonly jetstream?: boolean;
  /** Further lines of the configuration file: users, permissions, limits. */
  readonly config?: string;
  readonly user?: string;
  readonly password?: string;
}

/** Ready when it resolves; stopped and its files removed at the test's end. */
export async function startNats(t: ExecutionContext, options: NatsPeerOptions = {}): Promise<NatsPeer> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-nats-'));
  let server = await launch(directory, 0, options);
  const { port } = server;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.child.exitCode !== null || server.child.signalCode !== null) return;
    const exited = once(server.child, 'exit');
    server.child.kill(signal);
    await exited;
  };
  const start = async (): Promise<void> => {
    server = await launch(directory, port, options);
  };
  t.teardown(async () => {
    await end('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });
  return {
    address: {
      servers: [`nats://127.0.0.1:${port}`],
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.password === undefined ? {} : { password: options.password }),
    },
    port,
    get pid() {
      return server.child.pid ?? 0;
    },
    restart: async () => {
      await end('SIGINT');
      await start();
    },
    kill: () => end('SIGKILL'),
    start,
    freeze: () => freeze(server.child.pid ?? 0),
    thaw: () => server.child.kill('SIGCONT'),
    stop: () => end('SIGINT'),
  };
}

async function launch(
  directory: string,
  port: number,
  options: NatsPeerOptions,
): Promise<{ child: ChildProcess; port: number }> {
  const file = join(directory, 'nats.conf');
  const lines = [`host: "127.0.0.1"`, `port: ${port === 0 ? -1 : port}`, `server_name: "test"`];
  if (options.jetstream !== false) lines.push(`jetstream { store_dir: ${JSON.stringify(directory)} }`);
  await writeFile(file, `${lines.join('\n')}\n${options.config ?? ''}\n`);
  // As the node runs it: where it can be had, it ends with the test process, even a killed one.
  const program = await findProgram();
  const child = spawn(program.command, [...program.args, '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { child, port: await listening(child) };
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    let port = 0;
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended: ${said.join('\n')}`)));
    if (child.stderr === null) return;
    // Read to the end, or a full pipe would block the server.
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      port ||= Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? 0);
      if (line.endsWith('Server is ready')) resolve(port);
    });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from './context.js';
import { forget, removeAtExit, watch } from './reaper.js';
import { within } from './wait.js';

/** Not on the path of ordinary users everywhere. */
const DAEMON_FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin';
/** Shown of each process when its test fails. */
const LOG_LINES = 30;
const STOP_GRACE_MS = 3000;

export interface ProcessOptions {
  /** Label in front of the log of a failed test. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PeerProcess {
  readonly pid: number;
  /** Settles once, when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  /** What it wrote to stdout and stderr, or the last `lines` of it. */
  log(lines?: number): string;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and gone when the promise resolves. */
  kill(): Promise<void>;
  /** SIGTERM; SIGKILL when that takes longer than `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a program that ends with the test, and with the test process however that ends. */
export async function startProcess(t: TestContext, options: ProcessOptions): Promise<PeerProcess> {
  const logFile = join(await temporaryDirectory(t, 'log'), `${options.name}.log`);
  const log = await open(logFile, 'a');
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: `${process.env.PATH}:${DAEMON_FOLDERS}`, ...options.env },
    // A file, as a program that is told to log to /dev/stderr cannot open the socket that Node would lend it.
    stdio: ['ignore', log.fd, log.fd],
  });
  const pid = await started(child, options.command).finally(() => log.close());
  watch(pid);
  const peer = new SpawnedProcess(child, pid, logFile);
  t.teardown(async () => {
    await peer.stop();
    if (t.passed === false) t.log?.(`${options.name} (pid ${pid}) ended with:\n${peer.log(LOG_LINES)}`);
  });
  return peer;
}

/** A private directory, removed after the test. */
export async function temporaryDirectory(t: TestContext, label: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `parley-test-${label}-`));
  removeAtExit(directory);
  // The nats-server of a gateway that was killed ends a moment later, and may still write.
  t.teardown(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return directory;
}

class SpawnedProcess implements PeerProcess {
  readonly exited: Promise<Exit>;
  #running = true;

  constructor(
    readonly child: ChildProcess,
    readonly pid: number,
    readonly logFile: string,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#running = false;
        forget(pid);
        resolve({ code, signal });
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  log(lines = Number.POSITIVE_INFINITY): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  signal(name: NodeJS.Signals): void {
    if (this.#running) this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.signal('SIGCONT'); // a frozen process would not see the next signal
    this.signal('SIGTERM');
    await within(this.exited, graceMs, 'SIGTERM to end it').catch(() => this.kill());
  }
}

function started(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`)));
  });
}

import { rm } from 'node:fs/promises';
import type { BusAddress } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { writeNodeAddress } from './address-file.js';
import { type Child, ChildError, runServer } from './child.js';
import { portTaken } from './port.js';
import { writePrivately } from './private-file.js';
import { findProgram, type Program } from './program.js';
import { serverConfig } from './server-config.js';
import {
  type Credentials,
  claimStore,
  ensureCredentials,
  filesOf,
  releaseStore,
  type StoreFiles,
} from './store.js';
import type { Node } from './types.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;
/** A server that ran this long was well: the next restart is quick again. */
const WELL_AFTER_MS = 30_000;

/**
 * Runs nats-server on the node's store until `stop`; when it dies it is started again, on the same port.
 * Throws NODE_MISSING, NODE_TOO_OLD, STORE_UNWRITABLE, PORT_TAKEN or NODE_FAILED.
 */
export async function startNode(config: NodeConfig, log: Logger): Promise<Node> {
  const program = await findProgram();
  const files = filesOf(config.store);
  await claimStore(files, log);
  try {
    const credentials = await ensureCredentials(files);
    const runner = { config, program, files, credentials, log };
    return new ManagedNode(runner, await launch(runner, config.listen.port));
  } catch (error) {
    await releaseStore(files);
    throw error;
  }
}

interface Runner {
  readonly config: NodeConfig;
  readonly program: Program;
  readonly files: StoreFiles;
  readonly credentials: Credentials;
  readonly log: Logger;
}

async function launch(runner: Runner, port: number | null): Promise<Child> {
  const { config, files, credentials, log } = runner;
  await writePrivately(files.config, serverConfig(config, files, credentials, port));
  try {
    const child = await runServer(runner.program, files.config, log);
    await writeNodeAddress(files.address, urlOf(config, child.port), credentials, child.pid);
    return child;
  } catch (error) {
    const taken = error instanceof ChildError && /address already in use/.test(error.said);
    throw taken ? await portTaken(config.listen.host, port ?? 0) : error;
  }
}

/** Where clients on this machine connect: an address that means "all" is not one. */
function urlOf(config: NodeConfig, port: number): string {
  const { host } = config.listen;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `nats://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

class ManagedNode implements Node {
  readonly address: BusAddress;
  readonly closed: Promise<void>;
  readonly #runner: Runner;
  readonly #port: number;
  #child: Child;
  #restarts = 0;
  #stopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #wake: () => void = () => {};

  constructor(runner: Runner, child: Child) {
    this.#runner = runner;
    this.#child = child;
    this.#port = child.port;
    this.address = { servers: [urlOf(runner.config, child.port)], ...runner.credentials };
    this.closed = this.#supervise();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get version(): string {
    return this.#runner.program.version;
  }

  get restarts(): number {
    return this.#restarts;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#child.stop();
    await this.closed;
  }

  async #supervise(): Promise<void> {
    const { files, log } = this.#runner;
    while (!this.#stopping) {
      const startedAt = performance.now();
      const how = await this.#child.exited;
      if (this.#stopping) break;
      if (performance.now() - startedAt > WELL_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      log.error('nats-server died', { how, restartInMs: this.#backoffMs });
      await this.#restart();
    }
    // A restart may have been under way when `stop` was called.
    await this.#child.stop();
    await Promise.all([files.address, files.serverPid].map((file) => rm(file, { force: true })));
    await releaseStore(files);
  }

  async #restart(): Promise<void> {
    while (!this.#stopping) {
      await this.#pause(this.#backoffMs);
      this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
      if (this.#stopping) return;
      try {
        this.#child = await launch(this.#runner, this.#port);
        this.#restarts += 1;
        this.#runner.log.info('nats-server runs again', { pid: this.pid, restarts: this.#restarts });
        return;
      } catch (error) {
        this.#runner.log.error('cannot start nats-server again', {
          reason: reasonOf(error),
          retryMs: this.#backoffMs,
        });
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

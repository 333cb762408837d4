import { rm } from 'node:fs/promises';
import { type BusAddress, DEFAULT_PREFIX } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type Bench, benchOf } from './bench.js';
import { type ClusterState, readClusterFile, writeClusterFile } from './cluster-file.js';
import { ensureCredentials } from './credentials.js';
import { type Launched, launch, rewrite } from './launch.js';
import { addressOf, makePlan, needsRestart, type Plan, type Sources } from './plan.js';
import { findProgram, type Program } from './program.js';
import { untilUsable } from './readiness.js';
import { claimStore, filesOf, releaseStore } from './store.js';
import type { Node, NodePorts, NodeState } from './types.js';
import { Waiting } from './waiting.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;
/** A server that ran this long was well: the next restart is quick again. */
const WELL_AFTER_MS = 30_000;
/** nats-server spreads its goodbyes over 30 s at least, one client a second. */
const DRAIN_MS = 40_000;

/**
 * Runs nats-server on the node's store until `stop`; when it dies it is started again, on the same port. As cluster.json
 * in the store says: alone, member of a cluster, or leaf. Resolves once clients can connect; streams: see `Node.ready`.
 * `prepare`: done before, while nobody can reach the store's streams.
 * Throws NODE_MISSING, NODE_TOO_OLD, STORE_UNWRITABLE, PORT_TAKEN, NODE_FAILED, CLUSTER_INVALID or CERTIFICATE_INVALID.
 */
export async function startNode(
  config: NodeConfig,
  log: Logger,
  prefix = DEFAULT_PREFIX,
  prepare: (bench: Bench) => Promise<void> = async () => {},
): Promise<Node> {
  const program = await findProgram();
  const files = filesOf(config.store);
  await claimStore(files, log);
  try {
    await prepare(benchOf({ program, config, prefix, files, log }));
    const credentials = await ensureCredentials(files.credentials);
    const state = await readClusterFile(files.cluster);
    const sources = { config, prefix, files, credentials, state };
    const runner = { program, log };
    return new ManagedNode(runner, sources, await launch(runner, await makePlan(sources, null)));
  } catch (error) {
    await releaseStore(files);
    throw error;
  }
}

interface Runner {
  readonly program: Program;
  readonly log: Logger;
}

class ManagedNode implements Node {
  readonly closed: Promise<void>;
  readonly #runner: Runner;
  readonly #clientPort: number;
  readonly #waiting: Waiting;
  readonly #ended = new AbortController();
  #sources: Sources;
  #running: Launched;
  #restarts = 0;
  #stopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #wake: () => void = () => {};
  /** Changes come one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  /** The server was ended on purpose, to start it in another way: settles when that one runs, or could not be started. */
  #replacing: Promise<void> | null = null;

  constructor(runner: Runner, sources: Sources, running: Launched) {
    this.#runner = runner;
    this.#sources = sources;
    this.#running = running;
    this.#clientPort = running.child.port;
    this.#waiting = new Waiting(runner.log);
    this.#look();
    this.closed = this.#supervise();
  }

  get address(): BusAddress {
    return this.#addressOf('gateway');
  }

  get system(): BusAddress {
    return this.#addressOf('sys');
  }

  get cluster(): ClusterState | null {
    return this.#sources.state;
  }

  get ports(): NodePorts {
    const { child, plan } = this.#running;
    return { client: child.port, route: plan.route?.port ?? null, leaf: child.leafPort };
  }

  get state(): NodeState {
    return this.#waiting.state;
  }

  get pid(): number {
    return this.#running.child.pid;
  }

  get version(): string {
    return this.#runner.program.version;
  }

  get restarts(): number {
    return this.#restarts;
  }

  onState(listener: (state: NodeState) => void): () => void {
    return this.#waiting.onState(listener);
  }

  ready(signal?: AbortSignal): Promise<void> {
    const ended = this.#ended.signal;
    return this.#waiting.ready(signal === undefined ? ended : AbortSignal.any([signal, ended]));
  }

  apply(state: ClusterState): Promise<void> {
    return this.#change(async () => {
      const { files } = this.#sources;
      const sources = { ...this.#sources, state };
      // Before it is written: what cannot run must not be what the next start finds.
      const plan = await makePlan(sources, this.#clientPort);
      await writeClusterFile(files.cluster, state);
      this.#sources = sources;
      await (needsRestart(this.#running.plan, plan) ? this.#replace(async () => plan) : this.#reload(plan));
    });
  }

  reload(): Promise<void> {
    return this.#change(async () => {
      const credentials = await ensureCredentials(this.#sources.files.credentials);
      this.#sources = { ...this.#sources, credentials };
      const plan = await makePlan(this.#sources, this.#clientPort);
      if (plan.leaf !== null && (this.#running.plan.tls === null) !== (plan.tls === null))
        throw atStartOnly();
      await this.#reload(plan);
    });
  }

  maintain(work: (bench: Bench) => Promise<void>): Promise<void> {
    return this.#change(async () => {
      const { config, prefix, files } = this.#sources;
      const bench = benchOf({ ...this.#runner, config, prefix, files });
      let failure: unknown = null;
      await this.#replace(async () => {
        await work(bench).catch((error: unknown) => {
          failure = error ?? new Error('the work failed');
        });
        const state = await readClusterFile(files.cluster);
        this.#sources = { ...this.#sources, state };
        return makePlan(this.#sources, this.#clientPort);
      });
      if (failure !== null) throw failure;
    });
  }

  async drain(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running.child.drain(DRAIN_MS);
    await this.closed;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running.child.stop();
    await this.closed;
  }

  #addressOf(role: 'gateway' | 'sys'): BusAddress {
    const { plan, child } = this.#running;
    const address = addressOf(plan, child.port, this.#sources.credentials.users[role]);
    // Its own server's word on how it is, not another one's.
    return role === 'sys' ? { ...address, servers: address.servers.slice(0, 1) } : address;
  }

  #change(work: () => Promise<void>): Promise<void> {
    const changing = this.#changing.then(work, work);
    this.#changing = changing;
    return changing;
  }

  async #reload(plan: Plan): Promise<void> {
    await rewrite(plan, this.#running.child);
    await this.#running.child.reload();
    this.#running = { ...this.#running, plan };
    this.#runner.log.info('nats-server took its new configuration');
  }

  /** Ends the server and starts it as `next` says; a failure is tried again as after a death. */
  async #replace(next: () => Promise<Plan>): Promise<void> {
    let done: () => void = () => {};
    this.#replacing = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await this.#running.child.stop();
      this.#waiting.down();
      const plan = await next();
      if (!this.#stopping) this.#began(await launch(this.#runner, plan));
    } finally {
      this.#replacing = null;
      done();
    }
  }

  #began(running: Launched): void {
    this.#running = running;
    this.#runner.log.info('nats-server runs again', { pid: this.pid, restarts: this.#restarts });
    this.#look();
  }

  /** Looks until streams can be used. Alone they can at once. */
  #look(): void {
    const { state } = this.#sources;
    if (state === null || state.mode === 'alone') {
      this.#waiting.usable();
      return;
    }
    const members = state.mode === 'cluster' ? state.members.length : 1;
    const addresses = { main: { ...this.address, servers: this.system.servers }, system: this.system };
    const told = ({ up }: { readonly up: number }) => this.#waiting.seen(Math.min(up, members), members);
    this.#waiting.seen(1, members);
    const signal = AbortSignal.any([this.#ended.signal, this.#running.gone]);
    untilUsable(addresses, told, signal, this.#runner.log).then(
      () => this.#waiting.usable(),
      (error: unknown) => this.#runner.log.debug('no longer waiting', { reason: reasonOf(error) }),
    );
  }

  async #supervise(): Promise<void> {
    const { log } = this.#runner;
    const { files } = this.#sources;
    while (!this.#stopping) {
      const startedAt = performance.now();
      const { child } = this.#running;
      const how = await child.exited;
      if (this.#stopping) break;
      if (this.#replacing !== null) await this.#replacing;
      if (this.#running.child !== child) continue;
      this.#waiting.down();
      if (performance.now() - startedAt > WELL_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      log.error('nats-server died', { how, restartInMs: this.#backoffMs });
      await this.#restart();
    }
    // A restart may have been under way when `stop` was called.
    await this.#replacing;
    await this.#running.child.stop();
    this.#ended.abort(new Error('the node has stopped'));
    this.#waiting.down();
    await Promise.all([files.address, files.serverPid].map((file) => rm(file, { force: true })));
    await releaseStore(files);
  }

  async #restart(): Promise<void> {
    while (!this.#stopping) {
      await this.#pause(this.#backoffMs);
      this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
      if (this.#stopping) return;
      try {
        const running = await launch(this.#runner, await makePlan(this.#sources, this.#clientPort));
        this.#restarts += 1;
        this.#began(running);
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

function atStartOnly(): ParleyError {
  return new ParleyError(
    'CERTIFICATE_INVALID',
    'a node that takes leaf nodes begins to use TLS at a start only',
    {
      fix: 'The certificate is there: restart this gateway, then run the command again.',
    },
  );
}

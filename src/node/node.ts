import { rm } from 'node:fs/promises';
import { type BusAddress, DEFAULT_PREFIX } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type Bench, benchOf } from './bench.js';
import type { Child } from './child.js';
import { type ClusterState, readClusterFile, writeClusterFile } from './cluster-file.js';
import { ensureCredentials } from './credentials.js';
import { noteDoubt } from './doubt.js';
import { Keeper } from './keeper.js';
import { type Launched, launch, type Runner, rewrite } from './launch.js';
import type { Stretches } from './misled.js';
import { addressOf, makePlan, needsRestart, type Plan, type Sources } from './plan.js';
import { findProgram } from './program.js';
import { ownServer, ServerWatch } from './server-watch.js';
import { claimStore, filesOf, releaseStore } from './store.js';
import type { Node, NodeLimits, NodePorts, NodeState } from './types.js';
import { Waiting } from './waiting.js';

/** nats-server spreads its goodbyes over 30 s at least, one client a second. */
const DRAIN_MS = 40_000;
/** For a server whose streams are doubted: 2.9 does not end by itself when its disk is full. */
const DOUBTED_GRACE_MS = 2000;
const ODD_AGAIN_MS = 10 * 60_000;
/** An election takes 4–9 s. */
const LIMITS: NodeLimits = { leaderlessMs: 20_000, deafMs: 30_000, sparedMs: 60_000, compareMs: 5000 };

/**
 * Runs nats-server on the node's store until `stop`; when it dies, or is of no use any more, it is started again, on the
 * same port. As cluster.json in the store says: alone, member of a cluster, or leaf. Resolves once clients can connect;
 * streams: see `Node.ready`. `prepare`: done before, while nobody can reach the store's streams.
 * Throws NODE_MISSING, NODE_TOO_OLD, STORE_UNWRITABLE, PORT_TAKEN, NODE_FAILED, CLUSTER_INVALID or CERTIFICATE_INVALID.
 */
export async function startNode(
  config: NodeConfig,
  log: Logger,
  prefix = DEFAULT_PREFIX,
  prepare: (bench: Bench) => Promise<void> = async () => {},
  limits: Partial<NodeLimits> = {},
): Promise<Node> {
  const program = await findProgram();
  const files = filesOf(config.store);
  await claimStore(files, log);
  try {
    await prepare(benchOf({ program, config, prefix, files, log }));
    const credentials = await ensureCredentials(files.credentials);
    const state = await readClusterFile(files.cluster);
    const sources = { config, prefix, files, credentials, state };
    const ending = new AbortController();
    const runner = { program, log, signal: ending.signal, limits: { ...LIMITS, ...limits } };
    const running = await launch(runner, await makePlan(sources, null));
    return new ManagedNode(runner, sources, running, ending);
  } catch (error) {
    await releaseStore(files);
    throw error;
  }
}

class ManagedNode implements Node {
  readonly closed: Promise<void>;
  readonly #runner: Runner;
  readonly #clientPort: number;
  readonly #waiting: Waiting;
  readonly #watch: ServerWatch;
  readonly #keeper: Keeper;
  readonly #ended = new AbortController();
  readonly #ending: AbortController;
  readonly #misledListeners = new Set<(stretches: Stretches) => void>();
  #isDoubted = false;
  #patientUntilMs = 0;
  #sources: Sources;
  /** Changes come one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner, sources: Sources, running: Launched, ending: AbortController) {
    this.#ending = ending;
    this.#runner = runner;
    this.#sources = sources;
    this.#clientPort = running.child.port;
    this.#waiting = new Waiting(runner.log);
    this.#watch = new ServerWatch({
      waiting: this.#waiting,
      limits: runner.limits,
      prefix: sources.prefix,
      log: runner.log,
      restart: (child) => this.#restart(child),
      odd: (child, stream) => this.#odd(child, stream),
      misled: (stretches) => this.#misled(stretches),
    });
    this.#keeper = new Keeper(runner, running, {
      plan: () => makePlan(this.#sources, this.#clientPort),
      began: () => this.#began(),
      ended: () => this.#watch.forget(),
    });
    this.#began();
    this.closed = this.#keeper.closed.then(() => this.#leave());
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
    const { child, plan } = this.#keeper.running;
    return { client: child.port, route: plan.route?.port ?? null, leaf: child.leafPort };
  }

  get state(): NodeState {
    return this.#waiting.state;
  }

  get pid(): number {
    return this.#keeper.running.child.pid;
  }

  get version(): string {
    return this.#runner.program.version;
  }

  get restarts(): number {
    return this.#keeper.restarts;
  }

  onState(listener: (state: NodeState) => void): () => void {
    return this.#waiting.onState(listener);
  }

  ready(signal?: AbortSignal): Promise<void> {
    return this.#waiting.ready(this.#ended.signal, ...(signal === undefined ? [] : [signal]));
  }

  apply(state: ClusterState): Promise<void> {
    return this.#change(async () => {
      const { files } = this.#sources;
      const sources = { ...this.#sources, state };
      // Before it is written: what cannot run must not be what the next start finds.
      const plan = await makePlan(sources, this.#clientPort);
      await writeClusterFile(files.cluster, state);
      this.#sources = sources;
      const restart = needsRestart(this.#keeper.running.plan, plan);
      await (restart ? this.#keeper.replace(async () => plan) : this.#reload(plan));
    });
  }

  reload(): Promise<void> {
    return this.#change(async () => {
      const credentials = await ensureCredentials(this.#sources.files.credentials);
      this.#sources = { ...this.#sources, credentials };
      const plan = await makePlan(this.#sources, this.#clientPort);
      if (plan.leaf !== null && (this.#keeper.running.plan.tls === null) !== (plan.tls === null))
        throw atStartOnly();
      await this.#reload(plan);
    });
  }

  maintain(work: (bench: Bench) => Promise<void>): Promise<void> {
    return this.#change(async () => {
      const { config, prefix, files } = this.#sources;
      const bench = benchOf({ ...this.#runner, config, prefix, files });
      let failure: unknown = null;
      await this.#keeper.replace(async () => {
        await work(bench).catch((error: unknown) => {
          failure = error ?? new Error('the work failed');
        });
        const state = await readClusterFile(files.cluster);
        this.#sources = { ...this.#sources, state };
        return makePlan(this.#sources, this.#clientPort);
      }, this.#graceMs);
      if (failure !== null) throw failure;
    });
  }

  onMisled(listener: (stretches: Stretches) => void): () => void {
    this.#misledListeners.add(listener);
    return () => this.#misledListeners.delete(listener);
  }

  async doubt(reason: string): Promise<void> {
    const { files, state } = this.#sources;
    this.#isDoubted = true;
    if (!(await noteDoubt(files)) || state?.mode !== 'cluster') return;
    this.#runner.log.error('what nats-server has on disk may be damaged', { reason });
  }

  drain(): Promise<void> {
    return this.#stop((child) => child.drain(DRAIN_MS));
  }

  stop(): Promise<void> {
    return this.#stop((child) => child.stop());
  }

  async #stop(end: (child: Child) => Promise<void>): Promise<void> {
    this.#ending.abort(new Error('the node stops'));
    await this.#keeper.stop(end);
    await this.closed;
  }

  #addressOf(role: 'gateway' | 'sys'): BusAddress {
    const { plan, child } = this.#keeper.running;
    const address = addressOf(plan, child.port, this.#sources.credentials.users[role]);
    // Its own server's word on how it is, not another one's.
    return role === 'sys' ? ownServer(address) : address;
  }

  #change(work: () => Promise<void>): Promise<void> {
    const changing = this.#changing.then(work, work);
    this.#changing = changing;
    return changing;
  }

  async #reload(plan: Plan): Promise<void> {
    const { child } = this.#keeper.running;
    await rewrite(plan, child);
    await child.reload();
    this.#keeper.follows(plan);
    this.#runner.log.info('nats-server took its new configuration');
    this.#look();
  }

  get #graceMs(): number | undefined {
    return this.#isDoubted ? DOUBTED_GRACE_MS : undefined;
  }

  #began(): void {
    const { child } = this.#keeper.running;
    this.#isDoubted = false;
    void child.doubted.then((said) => this.#renew(child, said));
    this.#look();
  }

  async #renew(child: Child, said: string): Promise<void> {
    await this.doubt(said).catch((error: unknown) => {
      this.#runner.log.error('cannot note that the streams may be damaged', { reason: reasonOf(error) });
    });
    if (this.#sources.state?.mode === 'cluster') this.#restart(child);
  }

  /** Not again and again: should the reason be another one, streams that travel all the time help nobody. */
  #odd(child: Child, stream: string): void {
    const now = performance.now();
    if (now < this.#patientUntilMs) return;
    this.#patientUntilMs = now + ODD_AGAIN_MS;
    void this.#renew(child, `its copy of ${stream} is not that of the others`);
  }

  #misled(stretches: Stretches): void {
    this.#runner.log.warn('networks may have been led past lines by a server that is away now', {
      consumers: [...stretches.keys()].length,
      from: Math.min(...stretches.values()),
    });
    for (const listener of this.#misledListeners) listener(stretches);
  }

  #look(): void {
    const { child } = this.#keeper.running;
    const addresses = { main: ownServer(this.address), system: this.system };
    this.#watch.follow({ child, addresses, state: this.#sources.state });
  }

  #restart(child: Child): void {
    this.#change(() => this.#keeper.restart(child, this.#graceMs)).catch((error: unknown) => {
      this.#runner.log.error('cannot start nats-server again', { reason: reasonOf(error) });
    });
  }

  async #leave(): Promise<void> {
    const { files } = this.#sources;
    this.#ended.abort(new Error('the node has stopped'));
    await Promise.all([files.address, files.serverPid].map((file) => rm(file, { force: true })));
    await releaseStore(files);
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

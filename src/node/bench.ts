/**
 * Work on the streams of a store while nobody else can reach them: the store's server runs at a port that is told to
 * nobody, takes no leaf nodes, and has one user made up for this run, who may do everything. Routes to the other members
 * are as usual, so that a cluster can be formed before its clients come. It tells the others that it is on the bench.
 */
import { randomBytes } from 'node:crypto';
import { type BusAddress, openProbe, type Probe, type ServerView } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { runServer } from './child.js';
import type { ClusterState } from './cluster-file.js';
import { ensureCredentials } from './credentials.js';
import { impatient, Patience } from './lookout.js';
import { makePlan } from './plan.js';
import { writePrivately } from './private-file.js';
import type { Program } from './program.js';
import { openSight, type SightAddresses, untilUsable } from './readiness.js';
import { BENCH_TAG, serverConfig } from './server-config.js';
import type { StoreFiles } from './store.js';

export interface Bench {
  readonly files: StoreFiles;
  /**
   * Runs the server as `state` says for as long as `work` takes. Throws the reason of the signal, NODE_FAILED, or what
   * `work` throws.
   */
  run<Result>(
    state: ClusterState | null,
    signal: AbortSignal,
    work: (server: BenchServer) => Promise<Result>,
  ): Promise<Result>;
}

export interface BenchServer {
  readonly address: BusAddress;
  /** Aborted when the work is to end, and when the server has died: nothing would answer any more. */
  readonly signal: AbortSignal;
  /**
   * Resolves as `Node.ready`; `told` hears how many nodes are seen. Throws NODE_FAILED when a leader is known elsewhere
   * and never here: only another run of the server helps.
   */
  ready(told: (up: number) => void): Promise<void>;
  /** The servers of the cluster that answer within a moment; empty: not even this one. */
  views(): Promise<readonly BenchView[]>;
}

export interface BenchView extends ServerView {
  /** No client reaches it yet. */
  readonly onBench: boolean;
}

export interface BenchSources {
  readonly program: Program;
  readonly config: NodeConfig;
  readonly prefix: string;
  readonly files: StoreFiles;
  readonly log: Logger;
}

const VIEW_MS = 500;
/** As in node.ts. */
const LEADERLESS_MS = 20_000;

export function benchOf(sources: BenchSources): Bench {
  const patience = new Patience(LEADERLESS_MS);
  return {
    files: sources.files,
    run: async (state, signal, work) => {
      signal.throwIfAborted();
      const { child, user, sys } = await launch(sources, state);
      const over = new AbortController();
      const stop = (): void => over.abort(signal.reason);
      signal.addEventListener('abort', stop);
      void child.exited.then((how) => over.abort(died(how)));
      let probe: Probe | null = null;
      try {
        const servers = [`nats://127.0.0.1:${child.port}`];
        const addresses = { main: { servers, ...user }, system: { servers, ...sys } };
        const members = state?.mode === 'cluster' ? state.members.length : 1;
        probe = await openProbe(addresses.system, sources.log);
        return await work(benchServer({ addresses, probe, members, patience }, over.signal, sources.log));
      } catch (error) {
        throw over.signal.aborted ? over.signal.reason : error;
      } finally {
        signal.removeEventListener('abort', stop);
        await probe?.close();
        await child.stop();
      }
    },
  };
}

async function launch({ config, prefix, files, program, log }: BenchSources, state: ClusterState | null) {
  const credentials = await ensureCredentials(files.credentials);
  const plan = await makePlan({ config, prefix, files, credentials, state }, null);
  const user = { user: 'bench', password: randomBytes(24).toString('base64url') };
  const client = { host: '127.0.0.1', port: null };
  const hidden = { ...plan, client, clientTls: false, leaf: null, bench: user };
  await writePrivately(files.config, serverConfig(hidden));
  return { child: await runServer(program, files.config, log), user, sys: credentials.users.sys };
}

interface BenchParts {
  readonly addresses: SightAddresses;
  /** Of the system account. */
  readonly probe: Probe;
  readonly members: number;
  readonly patience: Patience;
}

function benchServer(parts: BenchParts, signal: AbortSignal, log: Logger): BenchServer {
  const { addresses, probe, members, patience } = parts;
  return {
    address: addresses.main,
    signal,
    ready: async (told) => {
      const sight = await openSight(addresses, signal, log);
      const stuck = (waitedMs: number): void => {
        throw new ParleyError(
          'NODE_FAILED',
          `no leader answers although enough nodes are up (${waitedMs} ms)`,
        );
      };
      const look = impatient({ members, patience, seen: told, stuck });
      await untilUsable(sight, look, signal).finally(() => sight.close());
    },
    views: async () => {
      const views = await probe.views(VIEW_MS, members);
      return views.map((view) => ({ ...view, onBench: view.tags.includes(BENCH_TAG) }));
    },
  };
}

function died(how: string): ParleyError {
  return new ParleyError('NODE_FAILED', `nats-server ended at its work: ${how}`);
}

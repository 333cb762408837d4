/**
 * Work on the streams of a store while nobody else can reach them: the store's server runs at a port that is told to
 * nobody, with one user made up for this run, who may do everything. Routes to the other members are as usual, so that
 * a cluster can be formed before its clients come.
 */
import { randomBytes } from 'node:crypto';
import type { BusAddress } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import type { Logger } from '../log.js';
import { runServer } from './child.js';
import type { ClusterState } from './cluster-file.js';
import { ensureCredentials } from './credentials.js';
import { makePlan } from './plan.js';
import { writePrivately } from './private-file.js';
import type { Program } from './program.js';
import { openSight, untilUsable } from './readiness.js';
import { serverConfig } from './server-config.js';
import type { StoreFiles } from './store.js';

export interface Bench {
  readonly files: StoreFiles;
  /** Runs the server as `state` says for as long as `work` takes. Throws what `work` throws, or NODE_FAILED. */
  run<Result>(state: ClusterState | null, work: (server: BenchServer) => Promise<Result>): Promise<Result>;
}

export interface BenchServer {
  readonly address: BusAddress;
  /** As `Node.ready`; `told` hears how many nodes are seen. */
  ready(signal: AbortSignal, told: (up: number) => void): Promise<void>;
}

export interface BenchSources {
  readonly program: Program;
  readonly config: NodeConfig;
  readonly prefix: string;
  readonly files: StoreFiles;
  readonly log: Logger;
}

export function benchOf(sources: BenchSources): Bench {
  return {
    files: sources.files,
    run: async (state, work) => {
      const { config, prefix, files, program, log } = sources;
      const credentials = await ensureCredentials(files.credentials);
      const plan = await makePlan({ config, prefix, files, credentials, state }, null);
      const user = { user: 'bench', password: randomBytes(24).toString('base64url') };
      const client = { host: '127.0.0.1', port: null };
      const alone = { ...plan, client, clientTls: false, bench: user };
      await writePrivately(files.config, serverConfig(alone));
      const child = await runServer(program, files.config, log);
      const servers = [`nats://127.0.0.1:${child.port}`];
      try {
        const system = { servers, ...credentials.users.sys };
        const main = { servers, ...user };
        return await work({
          address: main,
          ready: async (signal, told) => {
            const sight = await openSight({ main, system }, signal, log);
            await untilUsable(sight, ({ up }) => told(up), signal).finally(() => sight.close());
          },
        });
      } finally {
        await child.stop();
      }
    },
  };
}

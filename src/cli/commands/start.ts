import { resolve } from 'node:path';
import type { ParleyConfig } from '../../config/index.js';
import type { DemoServer } from '../../demo/index.js';
import { ParleyError, reasonOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { CommandSpec, CommonOptions, Io } from '../command.js';
import { configSource, loadFrom } from '../config-source.js';
import { ensureDemoToken } from '../demo-token.js';
import { EXIT } from '../exit.js';
import { showFirstOwner } from '../first-owner.js';
import { returnMemoryWhenIdle } from '../idle-memory.js';
import { keepReloading } from '../reloading.js';
import { showWelcome } from '../welcome.js';

const DEFAULT_STORE = 'data';

export const startCommand: CommandSpec = {
  name: 'start',
  summary: 'run the gateway until it is stopped',
  details:
    'Ctrl-C or SIGTERM stops it cleanly, a second one at once. SIGHUP or a saved config file reloads it. Logs go to stderr.',
  examples: [
    ['start', 'with parley.yaml, else config/parley.yaml'],
    ['start -c https://example.org/parley.yaml', 'with a config from elsewhere'],
  ],
  async run(io, _args, options) {
    const { ending, signal } = whenEnded(io);
    const { source, loaded, log } = await prepare(io, options);
    const store = loaded.config.node?.store ?? resolve(io.context.cwd, DEFAULT_STORE);
    const demo = await runDemo(loaded.config, store, log);
    try {
      const { startGateway } = await import('../../gateway/index.js');
      const gateway = await startGateway({
        loaded,
        load: (previous) => loadFrom(io.context, source, { previous }),
        log,
        version: io.context.version,
        firstOwner: (code) => showFirstOwner(io, code),
        signal,
      });
      try {
        // Without a backbone there is nowhere to put one.
        const mayMake = demo !== null && gateway.bus.state === 'connected';
        const token = mayMake ? await ensureDemoToken(gateway.bus, store) : null;
        showWelcome(io, { source, config: loaded.config, gateway, token });
        returnMemoryWhenIdle();
        const watch = await keepReloading(io, { name: source, text: loaded.text }, gateway, log);
        const exitCode = await Promise.race([ending(log), gateway.ended.then(() => EXIT.ok)]);
        watch.stop();
        return exitCode;
      } finally {
        await gateway.stop();
      }
    } finally {
      await demo?.stop();
    }
  },
};

/** Listens from the first moment: a signal during the start is kept until the start is over, or ends its waiting. */
function whenEnded({ context: { signals } }: Io): {
  readonly ending: (log: Logger) => Promise<number>;
  readonly signal: AbortSignal;
} {
  const aborter = new AbortController();
  const stopped = new Promise<number>((done) => {
    signals.onStop(() => done(EXIT.ok));
    signals.onCrash(() => done(EXIT.internal));
  });
  void stopped.then(() =>
    aborter.abort(new ParleyError('NODE_FAILED', 'stopped while waiting for other nodes')),
  );
  const ending = async (log: Logger): Promise<number> => {
    const exitCode = await stopped;
    log.info('stopping');
    return exitCode;
  };
  return { ending, signal: aborter.signal };
}

async function prepare({ context }: Io, options: CommonOptions) {
  const source = configSource(context, options);
  const [loaded, { createLogger }] = await Promise.all([loadFrom(context, source), import('../../log.js')]);
  const { level, format } = loaded.config.log;
  const log = createLogger({ level: options.debug === true ? 'debug' : level, format });
  for (const warning of loaded.warnings) log.warn(warning);
  return { source, loaded, log };
}

async function runDemo(
  { demo: wanted }: ParleyConfig,
  store: string,
  log: Logger,
): Promise<DemoServer | null> {
  if (wanted === null) return null;
  const { startDemo } = await import('../../demo/index.js');
  const demo = await startDemo(wanted, store, log);
  demo.closed.catch((error: unknown) =>
    log.error('the demo IRC server is gone', { reason: reasonOf(error) }),
  );
  return demo;
}

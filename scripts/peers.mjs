/**
 * Makes sure that the programs beside Node are there: nats-server to run, real chat servers to test against.
 * Runs by itself too: `node scripts/peers.mjs [program …]`, by default all that the tests need.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Program → why it is needed, and its package per manager (null: the manager has none). */
export const PROGRAMS = {
  'nats-server': {
    why: 'the backbone',
    apt: 'nats-server',
    brew: 'nats-server',
    apk: 'nats-server',
    service: 'nats-server',
  },
  ngircd: {
    why: 'the demo IRC server, and tests',
    apt: 'ngircd',
    brew: 'ngircd',
    apk: 'ngircd',
    service: 'ngircd',
  },
  inspircd: {
    why: 'tests of IRCv3 and netsplits',
    apt: 'inspircd',
    brew: 'inspircd',
    apk: 'inspircd',
    service: 'inspircd',
  },
  'atheme-services': {
    why: 'tests of IRC accounts and SASL',
    apt: 'atheme-services',
    brew: null,
    apk: 'atheme-iris',
    service: 'atheme-services',
  },
  faketime: {
    why: 'tests of clocks that jump',
    apt: 'faketime',
    brew: 'libfaketime',
    apk: 'libfaketime',
    service: null,
  },
  chromium: { why: 'tests of the console', apt: 'chromium', brew: null, apk: 'chromium', service: null },
  xmllint: {
    why: 'tests of XML',
    apt: 'libxml2-utils',
    brew: 'libxml2',
    apk: 'libxml2-utils',
    service: null,
  },
  openssl: { why: 'certificates of tests', apt: 'openssl', brew: 'openssl', apk: 'openssl', service: null },
};

/** What `npm test` needs. */
export const TEST_PROGRAMS = Object.keys(PROGRAMS);

/** Daemons live in sbin, which is not on the path of ordinary users everywhere. */
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

/** A program is missing and could not be installed; `fix` is what a person can do. */
export class MissingProgramError extends Error {
  constructor(message, fix) {
    super(message);
    this.name = 'MissingProgramError';
    this.fix = fix;
    this.exitCode = 5;
  }
}

/**
 * Installs what is missing; resolves with the path of each program. Throws MissingProgramError.
 * Says on stderr what takes long, unless `quiet`.
 */
export async function ensurePrograms(names, options = {}) {
  const missing = names.filter((name) => findProgram(name) === null);
  if (missing.length > 0) install(missing, options.quiet ?? false);
  return Object.fromEntries(names.map((name) => [name, findProgram(name)]));
}

/** Path of an executable file, or null. */
export function findProgram(name, path = process.env.PATH ?? '') {
  const folders = [...path.split(delimiter).filter(Boolean), ...EXTRA_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(executable) ?? null;
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install(missing, quiet) {
  const manager = MANAGERS.find((candidate) => findProgram(candidate.program) !== null);
  const list = missing.map((name) => `${name} (${PROGRAMS[name]?.why ?? 'asked for'})`).join(', ');
  if (manager === undefined) {
    throw new MissingProgramError(
      `Not installed: ${list}. No apt-get, brew or apk was found to install with.`,
      `Install ${missing.join(', ')} so that each is on the PATH, and run it again.`,
    );
  }
  const packages = packagesOf(missing, manager);
  const root = rootPrefix(manager, list, packages);
  if (!quiet) console.error(`parley: installing ${list} with ${manager.program}; this can take a minute …`);
  const [command, ...args] = [...root, ...manager.command(packages, servicesOf(missing))];
  const run = spawnSync(command, args, { stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2] });
  const left = missing.filter((name) => findProgram(name) === null);
  if (run.status === 0 && left.length === 0) return;
  if (quiet) console.error(`${run.stdout ?? ''}${run.stderr ?? ''}`);
  throw new MissingProgramError(
    `${manager.program} did not install ${(left.length > 0 ? left : missing).join(', ')} (${outcome(run)}).`,
    `Read what ${manager.program} says above, then run \`${manager.byHand(packages)}\`.`,
  );
}

function packagesOf(missing, manager) {
  const unknown = missing.filter((name) => !PROGRAMS[name]?.[manager.name]);
  if (unknown.length === 0) return missing.map((name) => PROGRAMS[name][manager.name]);
  throw new MissingProgramError(
    `Not installed: ${unknown.join(', ')}; ${manager.program} has no package of it.`,
    `Install ${unknown.join(', ')} by hand so that it is on the PATH, and run it again.`,
  );
}

/** `[]` as root or where none is needed, `sudo -n` where it asks for no password. */
function rootPrefix(manager, list, packages) {
  if (!manager.needsRoot || process.getuid?.() === 0) return [];
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  throw new MissingProgramError(
    `Not installed: ${list}. Installing needs root, and sudo would ask for a password.`,
    `Run \`sudo ${manager.byHand(packages)}\`, then run it again.`,
  );
}

function servicesOf(missing) {
  return missing.map((name) => PROGRAMS[name].service).filter(Boolean);
}

function outcome(run) {
  if (run.error) return run.error.message;
  return run.signal ? `ended by ${run.signal}` : `exit ${run.status}`;
}

/**
 * Debian starts a daemon as soon as it is installed, and again at every boot. policy-rc.d is the documented way to
 * keep invoke-rc.d from it (invoke-rc.d(8)); a guard that is there already is left alone. $1: services, rest: packages.
 */
const APT_SCRIPT = `
set -e
export DEBIAN_FRONTEND=noninteractive
services=$1; shift
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
  trap 'rm -f "$guard"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$guard"
  chmod 755 "$guard"
fi
# One broken source must not keep the others from serving.
apt-get -q -o DPkg::Lock::Timeout=120 update || true
apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
for service in $services; do
  if command -v systemctl >/dev/null; then systemctl disable "$service" >/dev/null 2>&1 || true
  else rm -f "/etc/systemd/system/multi-user.target.wants/$service.service"; fi
  if [ -e "/etc/init.d/$service" ]; then update-rc.d "$service" disable >/dev/null 2>&1 || true; fi
done
`;

const MANAGERS = [
  {
    name: 'apt',
    program: 'apt-get',
    needsRoot: true,
    command: (packages, services) => ['sh', '-c', APT_SCRIPT, 'sh', services.join(' '), ...packages],
    byHand: (packages) => `apt-get install --no-install-recommends ${packages.join(' ')}`,
  },
  {
    name: 'apk',
    program: 'apk',
    needsRoot: true,
    command: (packages) => ['apk', 'add', '--no-cache', ...packages],
    byHand: (packages) => `apk add ${packages.join(' ')}`,
  },
  {
    name: 'brew',
    program: 'brew',
    needsRoot: false,
    command: (packages) => ['brew', 'install', ...packages],
    byHand: (packages) => `brew install ${packages.join(' ')}`,
  },
];

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : TEST_PROGRAMS;
  ensurePrograms(names).then(
    (paths) => {
      for (const [name, path] of Object.entries(paths)) console.log(`${name}\t${path}`);
    },
    (error) => {
      console.error(`parley: ${error.message}\nfix: ${error.fix ?? 'Report this.'}`);
      process.exitCode = error.exitCode ?? 1;
    },
  );
}

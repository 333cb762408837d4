import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { SetupError } from './problem.mjs';
import { projectPath } from './project.mjs';

/** `npm ci`, when node_modules is missing or older than package-lock.json. */
export function ensureDependencies() {
  // npm writes this file last: its time is that of the finished installation.
  const installed = modifiedMs('node_modules/.package-lock.json');
  if (installed !== null && installed >= (modifiedMs('package-lock.json') ?? 0)) return;
  ensureWritable('.');
  console.error('parley: installing npm dependencies (first start, or package-lock.json changed) …');
  const { command, args } = npm();
  // A production environment would leave out the compiler.
  const run = spawnSync(command, [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: projectPath('.'),
    stdio: ['ignore', 2, 2],
  });
  if (run.status === 0) return;
  throw new SetupError(
    `npm ci failed (${run.error?.message ?? `exit ${run.status ?? run.signal}`}).`,
    'Read what npm says above; it needs its registry, and write permission in this folder. Then run it again.',
  );
}

/** The npm that runs this script, else the one on the path. */
function npm() {
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js')
    ? { command: process.execPath, args: [script] }
    : { command: 'npm', args: [] };
}

/** Throws when a folder of the project cannot be written to; says who could. */
export function ensureWritable(folder) {
  const path = projectPath(folder);
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    if (error.code === 'ENOENT' && folder !== '.') return ensureWritable('.');
    throw new SetupError(
      `Cannot write to ${path} (${error.code}).`,
      `Run it as the owner of that folder, or \`sudo chown -R "$(id -un)" ${path}\`.`,
    );
  }
}

/** Null when the file does not exist. */
export function modifiedMs(file) {
  return statSync(projectPath(file), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

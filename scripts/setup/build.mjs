import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ensureWritable, modifiedMs } from './dependencies.mjs';
import { SetupError } from './problem.mjs';
import { projectPath } from './project.mjs';

/** Touched after a build that succeeded, so that a broken one is tried again. */
const STAMP = 'dist/.built';
const SOURCES = ['src', 'bridges', 'control-server', 'test'];
/** The page is made of these. */
const PAGE_SOURCES = ['console', 'src/message', 'src/desk.ts'];
const PAGE_STAMP = 'dist/page/.built';

/** Compiles, when a source is newer than the last build. */
export function ensureBuilt(sources) {
  const built = modifiedMs(STAMP);
  if (built !== null && newestMs(sources) <= built) return;
  build();
}

/** Compiles everything and throws when the compiler complains. */
export function build() {
  ensureWritable('dist');
  console.error('parley: building …');
  const started = new Date();
  const run = spawnSync(
    process.execPath,
    [projectPath('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'],
    {
      cwd: projectPath('.'),
      stdio: ['ignore', 2, 2],
    },
  );
  if (run.status !== 0) {
    throw new SetupError('The build failed.', 'Mend what the compiler says above, then run it again.', 1);
  }
  dropOrphans();
  buildPage();
  linkProgram();
  // The time before the compiler read the sources: a file saved meanwhile counts as newer.
  writeFileSync(projectPath(STAMP), `${started.toISOString()}\n`);
}

/** The console, when it changed. */
function buildPage() {
  const built = modifiedMs(PAGE_STAMP);
  if (built !== null && newestMs(PAGE_SOURCES) <= built) return;
  const started = new Date();
  const modules = (path) => projectPath(`node_modules/${path}`);
  for (const [program, ...args] of [
    [modules('typescript/bin/tsc'), '-p', 'console/tsconfig.json'],
    [modules('vite/bin/vite.js'), 'build', 'console', '--config', 'console/vite.config.mjs'],
  ]) {
    const run = spawnSync(process.execPath, [program, ...args], {
      cwd: projectPath('.'),
      stdio: ['ignore', 2, 2],
    });
    if (run.status !== 0)
      throw new SetupError(
        'The build of the console failed.',
        'Mend what is said above, then run it again.',
        1,
      );
  }
  writeFileSync(projectPath(PAGE_STAMP), `${started.toISOString()}\n`);
}

/**
 * Makes `npx parley` find the program. npm links the programs of dependencies only; without this npx would make a link of
 * its own in its cache, and keep a broken one for ever if it was first called before the build.
 */
function linkProgram() {
  const program = projectPath('dist/src/main.js');
  const link = projectPath('node_modules/.bin/parley');
  chmodSync(program, 0o755);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}

/** Milliseconds of the newest source file or folder (something was deleted) or build setting. */
function newestMs(sources) {
  const settings = ['tsconfig.json', 'package-lock.json'].map((file) => modifiedMs(file) ?? 0);
  return Math.max(...settings, ...sources.map((folder) => newestInMs(projectPath(folder))));
}

function newestInMs(folder) {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  const own = found.mtimeMs;
  if (!found.isDirectory()) return own;
  const entries = readdirSync(folder, { withFileTypes: true });
  const times = entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newestInMs(path) : statSync(path).mtimeMs;
  });
  return Math.max(own, ...times);
}

/** The compiler leaves the output of deleted sources behind; a deleted test would still run. */
function dropOrphans() {
  for (const folder of SOURCES) {
    const output = projectPath(`dist/${folder}`);
    if (statSync(output, { throwIfNoEntry: false }) === undefined) continue;
    for (const name of readdirSync(output, { recursive: true })) {
      if (!/\.js(\.map)?$/.test(name)) continue;
      const source = join(projectPath(folder), name.replace(/\.js(\.map)?$/, '.ts'));
      if (modifiedMs(relative(projectPath('.'), source)) === null) rmSync(join(output, name));
    }
  }
}

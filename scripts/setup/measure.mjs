import { pathToFileURL } from 'node:url';
import { ensurePrograms } from '../peers.mjs';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { projectPath } from './project.mjs';

const BENCH = 'dist/test/bench/main.js';

/** Sets up what is missing, then becomes the bench. */
export async function measure(args) {
  ensureDependencies();
  await ensurePrograms(['nats-server', 'ngircd']);
  ensureBuilt(['src', 'bridges', 'control-server', 'console', 'test']);
  process.argv = [process.execPath, projectPath(BENCH), ...args];
  await import(pathToFileURL(projectPath(BENCH)).href);
}

import { pathToFileURL } from 'node:url';
import { ensurePrograms } from '../peers.mjs';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { projectPath } from './project.mjs';

const FAULTS = 'dist/test/faults/main.js';

/** Sets up what is missing, then becomes the fault suite. */
export async function breakThings(args) {
  ensureDependencies();
  await ensurePrograms(['nats-server', 'ngircd', 'faketime']);
  ensureBuilt(['src', 'bridges', 'control-server', 'console', 'test']);
  process.argv = [process.execPath, projectPath(FAULTS), ...args];
  await import(pathToFileURL(projectPath(FAULTS)).href);
}

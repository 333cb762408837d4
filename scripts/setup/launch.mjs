import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePrograms } from '../peers.mjs';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { projectPath } from './project.mjs';

const MAIN = 'dist/src/main.js';

/** Sets up what is missing, then becomes `parley start`. `args` come after the default config, so `-c` overrides it. */
export async function launch(args) {
  ensureDependencies();
  await ensurePrograms(programsFor(args));
  ensureBuilt(['src', 'bridges', 'control-server', 'console']);
  const config = relative(process.cwd(), projectPath('config/parley.yaml'));
  process.argv = [process.execPath, projectPath(MAIN), 'start', '-c', config, ...args];
  await import(pathToFileURL(projectPath(MAIN)).href);
}

/** Only the default config has the demo IRC server. */
function programsFor(args) {
  const ownConfig = args.some((word) => /^(-c|--config(=|$))/.test(word));
  return ownConfig ? ['nats-server'] : ['nats-server', 'ngircd'];
}

// `npm start`: whatever is missing is set up, then the gateway runs in this very process, so that signals and the
// exit code need no forwarding. Kept to syntax that Node 12 parses: an old Node must get as far as being told so.
import './setup/node-version.mjs';

import('./setup/launch.mjs')
  .then(function run(launch) {
    return launch.launch(process.argv.slice(2));
  })
  .catch(function fail(error) {
    console.error(`parley: ${error.message}`);
    if (error.fix) console.error(`fix: ${error.fix}`);
    process.exit(error.exitCode || 1);
  });

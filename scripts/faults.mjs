// `npm run test:faults [-- options]`: sets up what is missing, then breaks things. docs/faults.md explains it.
import './setup/node-version.mjs';

import('./setup/break.mjs')
  .then(function run(faults) {
    return faults.breakThings(process.argv.slice(2));
  })
  .catch(function fail(error) {
    console.error(`parley: ${error.message}`);
    if (error.fix) console.error(`fix: ${error.fix}`);
    process.exit(error.exitCode || 1);
  });

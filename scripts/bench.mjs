// `npm run bench [-- section…] [-- --json]`: sets up what is missing, then measures. docs/benchmarks.md explains it.
import './setup/node-version.mjs';

import('./setup/measure.mjs')
  .then(function run(measure) {
    return measure.measure(process.argv.slice(2));
  })
  .catch(function fail(error) {
    console.error(`parley: ${error.message}`);
    if (error.fix) console.error(`fix: ${error.fix}`);
    process.exit(error.exitCode || 1);
  });

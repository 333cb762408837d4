// `npm test [-- files or ava options]`: sets up, checks, then tests. The last line is always `N passed, N failed`.
import './setup/node-version.mjs';

import('./setup/verify.mjs')
  .then(function run(verify) {
    return verify.verify(process.argv.slice(2));
  })
  .then(function done(result) {
    finish(result.passed, result.failed);
  })
  .catch(function fail(error) {
    console.error(`parley: ${error.message}`);
    if (error.fix) console.error(`fix: ${error.fix}`);
    finish(0, 1);
  });

function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

// Old syntax only: see start.mjs.

/** Ends with the line `N passed, N failed`, and an exit code to it, whatever becomes of the tests. */
export function concluded(tests) {
  return tests
    .then(function done(result) {
      conclude(result.passed, result.failed);
    })
    .catch(function fail(error) {
      console.error(`parley: ${error.message}`);
      if (error.fix) console.error(`fix: ${error.fix}`);
      conclude(0, 1);
    });
}

function conclude(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

// `npm run build`: compiles, and makes `npx parley` find what it compiled.
import './setup/node-version.mjs';

import('./setup/build.mjs')
  .then(function run(build) {
    build.build();
  })
  .catch(function fail(error) {
    console.error(`parley: ${error.message}`);
    if (error.fix) console.error(`fix: ${error.fix}`);
    process.exitCode = error.exitCode || 1;
  });

// `npm test [-- files or ava options]`: sets up, checks, then tests. The last line is always `N passed, N failed`.
import './setup/node-version.mjs';
import { concluded } from './setup/concluded.mjs';

concluded(
  import('./setup/verify.mjs').then(function run(verify) {
    return verify.verify(process.argv.slice(2));
  }),
);

// `npm run test:cluster [-- files or ava options]`: as `npm test`, with the long tests of whole machines, and without the checks.
import './setup/node-version.mjs';
import { concluded } from './setup/concluded.mjs';

concluded(
  import('./setup/verify.mjs').then(function run(verify) {
    return verify.verifyClusters(process.argv.slice(2));
  }),
);

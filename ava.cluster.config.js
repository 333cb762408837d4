import { LONG_TESTS } from './scripts/setup/long-tests.mjs';

/** `npm run test:cluster`: all tests of clusters, those of `npm test` too, one after the other. */
export default {
  files: [...LONG_TESTS, 'dist/test/cluster/*.test.js', 'dist/test/ownership/takeover.test.js'],
  serial: true,
  timeout: '6m',
  workerThreads: false,
};

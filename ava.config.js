import { LONG_TESTS } from './scripts/setup/long-tests.mjs';

export default {
  files: ['dist/test/**/*.test.js', ...LONG_TESTS.map((file) => `!${file}`)],
  // One file, and in it one test, at a time; `npm test` runs three of these side by side.
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

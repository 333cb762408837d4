/** `npm run test:cluster` names the files: scripts/setup/long-tests.mjs. */
export default {
  files: ['dist/test/**/*.test.js'],
  serial: true,
  timeout: '6m',
  workerThreads: false,
};

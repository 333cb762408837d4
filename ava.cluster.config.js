/** `npm run test:cluster`: machines that join, grow and leave, one test after the other. */
export default {
  files: ['dist/test/cluster/*.test.js'],
  concurrency: 1,
  serial: true,
  timeout: '6m',
  workerThreads: false,
};

/** `npm run test:cluster`: all tests of clusters, those of `npm test` too, one after the other. */
export default {
  files: [
    'dist/test/cluster/*.test.js',
    'dist/test/node/{cluster,leaf,renewal,rotation}.test.js',
    'dist/test/bus/move/move.test.js',
    'dist/test/ownership/{innocent,takeover}.test.js',
  ],
  serial: true,
  timeout: '6m',
  workerThreads: false,
};

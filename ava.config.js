export default {
  // Clusters of whole machines take minutes, and most of two cores: `npm run test:cluster`.
  files: [
    'dist/test/**/*.test.js',
    '!dist/test/cluster/{departure,growth,join,leaf,lost-majority,owners,refused}.test.js',
    '!dist/test/node/{cluster,leaf,renewal,rotation}.test.js',
    '!dist/test/bus/move/move.test.js',
    '!dist/test/ownership/takeover.test.js',
  ],
  // Real servers share two cores: more files at once only lengthens each.
  concurrency: 2,
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

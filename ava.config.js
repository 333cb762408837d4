export default {
  // The longer tests of whole machines take minutes, and most of two cores: `npm run test:cluster` has all of them.
  files: [
    'dist/test/**/*.test.js',
    '!dist/test/cluster/{departure,join,kill-one,leaf,lost-majority,owners,refused,upgrade}.test.js',
    '!dist/test/node/{cluster,renewal}.test.js',
    // Fails where the machine stands still for longer than a lease.
    '!dist/test/ownership/innocent.test.js',
  ],
  // One file, and in it one test, at a time; `npm test` runs two of these side by side.
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

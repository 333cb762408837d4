export default {
  // The longer tests of whole machines take minutes, and most of two cores: `npm run test:cluster` has all of them.
  files: [
    'dist/test/**/*.test.js',
    '!dist/test/cluster/{departure,join,kill-one,leaf,lost-majority,owners,refused,upgrade}.test.js',
    '!dist/test/node/{cluster,renewal}.test.js',
    // Fails where the machine stands still for longer than a lease.
    '!dist/test/ownership/innocent.test.js',
  ],
  // Real servers share two cores: more files at once only lengthens each.
  concurrency: 2,
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

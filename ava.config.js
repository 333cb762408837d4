export default {
  // The longer tests of whole machines take minutes, and most of two cores: `npm run test:cluster` has all of them.
  files: [
    'dist/test/**/*.test.js',
    '!dist/test/cluster/{departure,join,kill-one,leaf,lost-majority,owners,refused,upgrade}.test.js',
    '!dist/test/node/{cluster,renewal}.test.js',
    // Fails where the machine stands still for longer than a lease.
    '!dist/test/ownership/innocent.test.js',
  ],
  // Files wait for real servers a third of their time: three keep two cores busy, more only lengthen each.
  concurrency: 3,
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

export default {
  // Whole machines that join, grow and leave take minutes: `npm run test:cluster`.
  files: [
    'dist/test/**/*.test.js',
    '!dist/test/cluster/{departure,growth,join,leaf,lost-majority,owners,refused}.test.js',
  ],
  // Real servers share two cores: more files at once only lengthens each.
  concurrency: 2,
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

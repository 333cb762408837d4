export default {
  files: ['dist/test/**/*.test.js'],
  // Real servers share two cores: more files at once only lengthens each.
  concurrency: 2,
  serial: true,
  timeout: '2m',
  workerThreads: false,
};

/** Tests of whole machines that take minutes, and most of two cores: `npm run test:cluster` has them. */
export const LONG_TESTS = [
  ...[
    'departure',
    'join',
    'kill-one',
    'leaf',
    'lost-majority',
    'odd-copy',
    'owners',
    'refused',
    'upgrade',
  ].map((name) => `dist/test/cluster/${name}.test.js`),
  'dist/test/bus/move/move.test.js',
  'dist/test/node/cluster.test.js',
  'dist/test/node/leaf.test.js',
  'dist/test/node/renewal.test.js',
  'dist/test/node/rotation.test.js',
  // Fails where the machine stands still for longer than a lease.
  'dist/test/ownership/innocent.test.js',
];

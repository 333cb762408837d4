/** Tests of whole machines and browsers that take minutes, and most of two cores: `npm run test:cluster` has them. */
export const LONG_TESTS = [
  ...[
    'departure',
    'growth',
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
  'dist/test/console/console.test.js',
  'dist/test/console/looks.test.js',
  'dist/test/console/trouble.test.js',
  'dist/test/control-server/abuse.test.js',
  'dist/test/control-server/known/whole.test.js',
  'dist/test/control-server/networks.test.js',
  'dist/test/ownership/doubles.test.js',
  'dist/test/node/cluster.test.js',
  'dist/test/node/leaf.test.js',
  'dist/test/node/renewal.test.js',
  'dist/test/node/rotation.test.js',
  // Tries again where the machine stands still for a third of a lease.
  'dist/test/ownership/innocent.test.js',
];

/** Long ones, and those of `npm test` that are of clusters, too. */
export function isOfClusters(file) {
  return (
    LONG_TESTS.includes(file) ||
    file.startsWith('dist/test/cluster/') ||
    file === 'dist/test/ownership/takeover.test.js'
  );
}

import test from 'ava';

interface Counter {
  read(line: string): void;
  result(exitedWell: boolean): { readonly passed: number; readonly failed: number };
}
const { TapCount } = (await import(new URL('../../../scripts/setup/tap.mjs', import.meta.url).href)) as {
  readonly TapCount: new () => Counter;
};
const { clusterFiles } = (await import(
  new URL('../../../scripts/setup/tests.mjs', import.meta.url).href
)) as { readonly clusterFiles: () => readonly string[] };
const { LONG_TESTS } = (await import(
  new URL('../../../scripts/setup/long-tests.mjs', import.meta.url).href
)) as { readonly LONG_TESTS: readonly string[] };

function count(lines: readonly string[], exitedWell: boolean) {
  const counter = new TapCount();
  for (const line of lines) counter.read(line);
  return counter.result(exitedWell);
}

test('npm test - counts what the summary says', (t) => {
  t.deepEqual(count(['TAP version 13', 'ok 1 - a', '1..1', '# tests 3', '# pass 3', '# fail 0'], true), {
    passed: 3,
    failed: 0,
  });
});

test('npm test - no tests at all is a failure', (t) => {
  t.deepEqual(count(['# pass 0', '# fail 0'], true), { passed: 0, failed: 1 });
});

test('npm test - a run that died without a summary is a failure', (t) => {
  t.deepEqual(count(['ok 1 - a'], false), { passed: 0, failed: 1 });
});

test('npm test - a bad exit code is a failure whatever the summary says', (t) => {
  t.deepEqual(count(['# pass 3', '# fail 0'], false), { passed: 3, failed: 1 });
});

test('npm test - a test title that looks like a summary is not counted', (t) => {
  t.deepEqual(count(['ok 1 - # fail 9', '# pass 1', '# fail 0'], true), { passed: 1, failed: 0 });
});

test('npm run test:cluster - every test that npm test leaves out is there', (t) => {
  const files = clusterFiles();
  t.deepEqual(
    LONG_TESTS.filter((file) => !files.includes(file)),
    [],
  );
  t.true(files.includes('dist/test/cluster/growth.test.js'));
});

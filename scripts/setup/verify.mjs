import { spawnSync } from 'node:child_process';
import { ensurePrograms, TEST_PROGRAMS } from '../peers.mjs';
import { build } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { projectPath } from './project.mjs';
import { runClusterTests, runTests } from './tests.mjs';

/**
 * The whole of `npm test`. Lint and stale generated files count as one failure each and do not keep the tests from
 * running; a build that fails does.
 */
export async function verify(args) {
  await prepare();
  step('lint and format');
  const lint = node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.');
  step('types and build');
  build();
  step('generated files');
  const fresh = node('scripts/generate.mjs', '--check');
  step('tests');
  const tests = await runTests(args);
  if (!lint) console.log('not ok lint and format: run `npm run format`, then mend what is left');
  if (!fresh) console.log('not ok generated files: run `node scripts/generate.mjs`');
  return { passed: tests.passed, failed: tests.failed + [lint, fresh].filter((good) => !good).length };
}

/** The whole of `npm run test:cluster`. */
export async function verifyClusters(args) {
  await prepare();
  build();
  return runClusterTests(args);
}

async function prepare() {
  ensureDependencies();
  await ensurePrograms(TEST_PROGRAMS);
}

function step(name) {
  console.log(`\n── ${name}`);
}

function node(script, ...args) {
  const run = spawnSync(process.execPath, [projectPath(script), ...args], {
    cwd: projectPath('.'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return run.status === 0;
}

import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import { projectPath } from './project.mjs';
import { TapCount } from './tap.mjs';

/** Runs ava and resolves with `{passed, failed}`. Arguments are ava's, or test files (`test/cli/say.test.ts`). */
export async function runTests(args) {
  const ava = spawn(
    process.execPath,
    [projectPath('node_modules/ava/entrypoints/cli.mjs'), '--tap', ...args.map(compiled)],
    { cwd: projectPath('.'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const count = new TapCount();
  const exited = new Promise((resolve) => ava.once('close', resolve));
  for await (const line of createInterface({ input: ava.stdout })) {
    count.read(line);
    console.log(line);
  }
  return count.result((await exited) === 0);
}

/** ava runs what the compiler wrote. */
function compiled(word) {
  if (!/\.test\.ts$/.test(word)) return word;
  return `dist/${relative(projectPath('.'), word).replace(/\.ts$/, '.js')}`;
}

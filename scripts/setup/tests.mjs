import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { LONG_TESTS } from './long-tests.mjs';
import { projectPath } from './project.mjs';
import { TapCount, TapVoice } from './tap.mjs';

/**
 * ava's `serial`, which keeps the tests of a file from disturbing each other, takes one file at a time as well, and half of
 * the time that one waits for a server. Two at once keep two cores busy.
 */
const AT_ONCE = 2;
/** Small enough that both end at about the same time, large enough that starting ava costs little. */
const SHARES = 12;

/** Runs ava and resolves with `{passed, failed}`. Arguments are ava's, or test files (`test/cli/say.test.ts`). */
export async function runTests(args) {
  const runs = args.length > 0 ? [args.map(compiled)] : shares(testFiles(), SHARES);
  const voice = new TapVoice(console.log);
  const results = [];
  const take = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift())
      results.push(await runAva(run, voice));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}

async function runAva(args, voice) {
  const ava = spawn(
    process.execPath,
    [projectPath('node_modules/ava/entrypoints/cli.mjs'), '--tap', ...args],
    { cwd: projectPath('.'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const count = new TapCount();
  const exited = new Promise((resolve) => ava.once('close', resolve));
  const stream = voice.stream();
  for await (const line of createInterface({ input: ava.stdout })) {
    count.read(line);
    stream.read(line);
  }
  stream.end();
  return count.result((await exited) === 0);
}

/** What the compiler wrote. A file that is named runs even when ava's config excludes it. */
function testFiles() {
  const names = readdirSync(projectPath('dist/test'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join('dist/test', name))
    .filter((file) => !LONG_TESTS.includes(file))
    .sort();
}

/** Neighbours are alike in what they take: dealt out like cards. */
function shares(files, count) {
  return Array.from({ length: count }, (_, share) => files.filter((_, index) => index % count === share));
}

/** ava runs what the compiler wrote. */
function compiled(word) {
  if (!/\.test\.ts$/.test(word)) return word;
  return `dist/${relative(projectPath('.'), word).replace(/\.ts$/, '.js')}`;
}

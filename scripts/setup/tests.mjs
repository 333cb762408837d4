import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { isOfClusters, LONG_TESTS } from './long-tests.mjs';
import { projectPath } from './project.mjs';
import { TapCount, TapVoice } from './tap.mjs';

/**
 * ava's `serial`, which keeps the tests of a file from disturbing each other, takes one file at a time as well, and half of
 * the time that one waits for a server. Two at once use two cores to 57 %, three to more.
 */
const AT_ONCE = 3;
/** Small enough that all end at about the same time, large enough that starting ava costs little. */
const SHARES = 12;

/** Runs ava and resolves with `{passed, failed}`. Arguments are ava's, or test files (`test/cli/talk.test.ts`). */
export async function runTests(args) {
  const files = () => testFiles().filter((file) => !LONG_TESTS.includes(file));
  const runs = args.length > 0 ? [args.map(compiled)] : shares(files(), SHARES);
  const voice = new TapVoice(console.log);
  const results = [];
  const take = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift())
      results.push(await runAva(run, voice));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return sumOf(results);
}

/** As `runTests`; without arguments all tests of clusters, a file at a time, since each takes the whole machine, and with a line before each. */
export async function runClusterTests(args) {
  const config = ['--config', 'ava.cluster.config.js'];
  const voice = new TapVoice(console.log);
  const files = clusterFiles();
  if (args.length > 0) {
    const named = args.some((word) => TEST_FILE.test(word));
    return runAva([...config, ...args.map(compiled), ...(named ? [] : files)], voice);
  }
  const results = [];
  const startMs = performance.now();
  for (const [index, file] of files.entries()) {
    const { failed } = sumOf(results);
    const so = `after ${Math.round((performance.now() - startMs) / 60_000)} min, ${failed} failed`;
    console.log(`\n── ${index + 1} of ${files.length}, ${so}: ${sourceOf(file)}`);
    results.push(await runAva([...config, file], voice));
  }
  return sumOf(results);
}

/** Compiled tests of clusters, those of `npm test` too. */
export function clusterFiles() {
  return testFiles().filter(isOfClusters);
}

function sumOf(results) {
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}

async function runAva(args, voice) {
  const ava = spawn(
    process.execPath,
    ['--import', GUARD, projectPath('node_modules/ava/entrypoints/cli.mjs'), '--tap', ...args],
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
    .sort();
}

/** Neighbours are alike in what they take: dealt out like cards. */
function shares(files, count) {
  return Array.from({ length: count }, (_, share) => files.filter((_, index) => index % count === share));
}

const GUARD = new URL('tap-guard.mjs', import.meta.url).href;
const TEST_FILE = /\.test\.[jt]s$/;

/** ava runs what the compiler wrote. */
function compiled(word) {
  if (!/\.test\.ts$/.test(word)) return word;
  return `dist/${relative(projectPath('.'), word).replace(/\.ts$/, '.js')}`;
}

function sourceOf(file) {
  return file.replace(/^dist\/(.*)\.js$/, '$1.ts');
}

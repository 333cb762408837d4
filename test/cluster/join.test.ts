import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import { type Box, firstBox, invite, joinWith, listed, makeBox, whole } from './fleet.js';

const LONG_MS = 120_000;

async function said(box: Box, text: string): Promise<void> {
  const say = async () => (await box.run('say', 'lobby', text)).code === 0;
  await until(say, { what: `"${text}" to be said`, deadlineMs: LONG_MS, everyMs: 300 });
}

async function reads(t: ExecutionContext, box: Box, texts: readonly string[]): Promise<void> {
  const { stdout, stderr, code } = await box.run('tail', 'lobby', '-n', '50', '--json', '--no-follow');
  t.is(code, 0, stderr);
  const lines = stdout.trim().split('\n');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { event: { data: { text: string } } }).event.data.text),
    texts,
  );
}

test('join - two lines make three machines of one, with everything that was said', async (t) => {
  t.timeout(300_000);
  const { box: alpha, process } = await firstBox(t);
  await said(alpha, 'before');
  const [beta, gamma] = await Promise.all([makeBox(t, 'beta'), makeBox(t, 'gamma')]);

  const line = await invite(alpha);
  t.regex(line, /^parley-join-1:[A-Za-z0-9_-]+$/);
  const second = await joinWith(beta, line);
  t.is(second.code, 0, second.stderr);
  t.regex(second.stderr, /Two nodes are no cluster/);
  t.deepEqual(
    (await listed(alpha))?.members.map(({ name, state }) => `${name} ${state}`),
    ['alpha up', 'beta waits'],
  );

  // Used once.
  const reused = await joinWith(gamma, line);
  t.is(reused.code, 1);
  t.regex(reused.stderr, /"beta" has used it/);
  const beta$ = await beta.start();
  const third = await joinWith(gamma, await invite(alpha));
  t.is(third.code, 0, third.stderr);
  await gamma.start();

  // Killed while the cluster forms, and started again.
  const growing = () => /growing: saved/.test(process.log());
  await until(growing, { what: 'growth', deadlineMs: LONG_MS });
  await process.kill();
  await alpha.start();
  for (const box of [alpha, beta, gamma]) await whole(box, 3);
  await said(alpha, 'after');
  await reads(t, alpha, ['before', 'after']);
  for (const { run } of [beta, gamma]) {
    const { stdout } = await run('status', '--json');
    t.is((JSON.parse(stdout) as { log: { messages: number } }).log.messages, 2);
  }
  t.notRegex(beta$.log(), /parley-join-1/);
  const credentials = await readFile(join(beta.directory, 'data/credentials.json'), 'utf8');
  t.is(credentials, await readFile(join(alpha.directory, 'data/credentials.json'), 'utf8'));

  // A fourth, into the cluster that runs.
  const delta = await makeBox(t, 'delta');
  const fourth = await joinWith(delta, await invite(alpha));
  t.is(fourth.code, 0, fourth.stderr);
  await delta.start();
  for (const box of [delta, alpha]) await whole(box, 4);
  await said(alpha, 'with four');
});

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startBackbone } from './backbone.js';

const text = (channel: string) => `channels:\n  - { network: net, channel: "${channel}", room: lobby }\n`;

test('config - a document is put, shown, compared and taken back, with who did it', async (t) => {
  const { run, cwd, bus } = await startBackbone(t);
  t.regex((await run('config')).stderr, /No documents/);
  const put = async (channel: string, ...more: readonly string[]) => {
    await writeFile(join(cwd, 'main.yaml'), text(channel));
    return run('config', 'put', 'main', 'main.yaml', ...more);
  };
  t.is((await put('#a', '--comment', 'begun')).code, 0);
  const second = await put('#b', '--base', '1');
  t.regex(second.stdout, /-.*#a.*\n\+.*#b/);
  t.regex(second.stderr, /version 2 now/);
  const late = await put('#c', '--base', '1');
  t.is(late.code, 1);
  t.regex(late.stderr, /another version by now/);
  t.is((await run('config', 'show', 'main', '--at', '1')).stdout, text('#a'));
  t.regex((await run('config', 'diff', 'main')).stdout, /-.*#a.*\n\+.*#b/);
  t.is((await run('config', 'rollback', 'main', '1')).code, 0);
  const { versions } = JSON.parse((await run('config', 'history', 'main', '--json')).stdout) as {
    versions: readonly { version: number; comment: string; author: { id: string } }[];
  };
  t.deepEqual(
    versions.map(({ version, comment }) => [version, comment]),
    [
      [3, 'back to version 1'],
      [2, ''],
      [1, 'begun'],
    ],
  );
  t.regex(versions[0]?.author.id ?? '', /^cli:/);
  t.regex((await run('config', 'list')).stdout, /^main\t3\t/);
  t.is((await bus.audit.list(10)).length, 3);
});

test('config - faults are named with their place, what is missing with what to do', async (t) => {
  const { run, cwd } = await startBackbone(t);
  await writeFile(join(cwd, 'bad.yaml'), 'channels:\n  - { network: net, chanel: "#a", room: lobby }\n');
  const bad = await run('config', 'put', 'main', 'bad.yaml');
  t.is(bad.code, 2);
  t.regex(bad.stderr, /main:2:\d+ channels\[0\]\.chanel/);
  t.is((await run('config', 'show', 'main')).code, 4);
  t.is((await run('config', 'rollback', 'main', 'x')).code, 4);
  t.regex((await run('config', 'put', 'main', 'none.yaml')).stderr, /none\.yaml cannot be read/);
});

test('config - a key is written for its owner alone, and never over another', async (t) => {
  const { run, cwd } = await startBackbone(t);
  const made = await run('config', 'key', 'config.key');
  t.regex(made.stdout, /^ed25519:[A-Za-z0-9+/]{43}=\n$/);
  const path = join(cwd, 'config.key');
  t.is((await stat(path)).mode & 0o777, 0o600);
  t.regex(await readFile(path, 'utf8'), /BEGIN PRIVATE KEY/);
  t.not((await run('config', 'key', 'config.key')).code, 0);
});

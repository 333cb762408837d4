import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { watchConfig } from '../../src/config/index.js';
import { files } from './loading.js';

interface Watched {
  readonly path: string;
  readonly directory: string;
  /** Resolves when the file was reported changed once more since the last call. */
  changed(): Promise<void>;
  readonly count: () => number;
}

async function watched(
  t: ExecutionContext,
  prepare?: (directory: string) => Promise<void>,
  text = 'prefix: a',
): Promise<Watched> {
  const { directory, write } = await files(t);
  if (prepare === undefined) await write('parley.yaml', 'prefix: a');
  else await prepare(directory);
  let told = 0;
  let awaited = 0;
  let wake = () => {};
  const onChange = () => {
    told += 1;
    wake();
  };
  const watch = watchConfig('parley.yaml', onChange, { cwd: directory, text, settleMs: 20, pollMs: 50 });
  t.teardown(() => watch.stop());
  const changed = async () => {
    awaited += 1;
    if (told >= awaited) return;
    await new Promise<void>((resolve, reject) => {
      // The watch itself does not keep the process running; this does.
      const deadline = setTimeout(() => reject(new Error('the change was not seen')), 20_000);
      wake = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  };
  return { path: join(directory, 'parley.yaml'), directory, changed, count: () => told };
}

/** As editors do it: there is never half a file. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

test('config watch - a file written in place is seen', async (t) => {
  const { path, changed } = await watched(t);
  await writeFile(path, 'prefix: b');
  await changed();
  await writeFile(path, 'prefix: c');
  await changed();
  t.pass();
});

test('config watch - a file replaced by an editor is seen, more than once', async (t) => {
  const { path, changed } = await watched(t);
  for (const prefix of ['b', 'c', 'd']) {
    await replace(path, `prefix: ${prefix}`);
    await changed();
  }
  t.is(await readFile(path, 'utf8'), 'prefix: d');
});

test('config watch - a file that was away for a while is seen when it is back', async (t) => {
  const { path, changed, count } = await watched(t);
  await rm(path);
  await replace(path, 'prefix: b');
  await changed();
  t.is(count(), 1);
});

test('config watch - a text that stays the same is no change', async (t) => {
  const { path, changed, count } = await watched(t);
  await utimes(path, 1, 1);
  await replace(path, 'prefix: a');
  await replace(path, 'prefix: b');
  await changed();
  t.is(count(), 1);
});

test('config watch - a directory swapped behind a link is seen', async (t) => {
  const prepare = async (directory: string) => {
    for (const version of ['1', '2']) {
      await mkdir(join(directory, version));
      await writeFile(join(directory, version, 'parley.yaml'), `prefix: v${version}`);
    }
    await symlink('1', join(directory, 'current'));
    await symlink('current/parley.yaml', join(directory, 'parley.yaml'));
  };
  const { directory, changed } = await watched(t, prepare, 'prefix: v1');
  await symlink('2', join(directory, 'next'));
  await rename(join(directory, 'next'), join(directory, 'current'));
  await changed();
  t.pass();
});

test('config watch - a file that comes later is seen', async (t) => {
  const { path, changed } = await watched(t, async () => {});
  await writeFile(path, 'prefix: b');
  await changed();
  t.pass();
});

test('config watch - nothing is told after stop', async (t) => {
  const { directory, write } = await files(t);
  const path = await write('parley.yaml', 'prefix: a');
  const watch = watchConfig(path, () => t.fail(), { cwd: directory, settleMs: 1, pollMs: 5 });
  watch.stop();
  const other = watchConfig(path, () => {}, { cwd: directory, settleMs: 1, pollMs: 5 });
  t.teardown(() => other.stop());
  await writeFile(path, 'prefix: b');
  t.is(await readFile(path, 'utf8'), 'prefix: b');
});

test('config watch - a URL is left alone', (t) => {
  watchConfig('https://example.org/parley.yaml', () => t.fail(), { cwd: '/' }).stop();
  t.pass();
});

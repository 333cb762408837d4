/** A backup that is read back may be anything. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { readBackup, writeArchive } from '../../src/backup/archive.js';
import { formatManifest, type Manifest, sealOf } from '../../src/backup/manifest.js';
import { ParleyError } from '../../src/errors.js';
import { temporaryDirectory } from '../peers/index.js';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MANIFEST: Manifest = {
  format: 'parley-backup',
  version: 1,
  time: '2026-11-24T00:00:00.000Z',
  parley: '0.1.0',
  natsServer: '2.9.10',
  gateway: 'alpha',
  prefix: 'parley',
  kind: 'node',
  streams: [],
  parts: [
    {
      name: 'parley.yaml',
      bytes: 8,
      sha256: '2e2f8d4b66a6f0d4a3f0a5fd0cb7a4b7d9ba38d2fbb2aac4e87c4bd9f4c29e4b',
    },
    { name: 'streams/ROOMS.snapshot', bytes: 0, sha256: EMPTY },
  ],
};

async function hashed(text: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}

/** A whole backup, and its bytes. */
async function whole(t: ExecutionContext) {
  const directory = await temporaryDirectory(t, 'backup');
  const parts = join(directory, 'parts');
  await mkdir(join(parts, 'streams'), { recursive: true });
  await writeFile(join(parts, 'parley.yaml'), 'node: {}');
  await writeFile(join(parts, 'streams/ROOMS.snapshot'), '');
  const [config, ...others] = MANIFEST.parts;
  if (config === undefined) throw new Error('there is one');
  const manifest = { ...MANIFEST, parts: [{ ...config, sha256: await hashed('node: {}') }, ...others] };
  const file = join(directory, 'whole.tar');
  await writeArchive(file, parts, manifest, () => {});
  return { directory, file, manifest, bytes: await readFile(file) };
}

/** Refused with a code, and nothing outside `into`; or read as it was written. */
async function readsOrRefuses(
  t: ExecutionContext,
  directory: string,
  bytes: Uint8Array,
  manifest: Manifest,
): Promise<'read' | 'refused'> {
  const file = join(directory, 'given.tar');
  const into = join(directory, `into-${Math.random()}`);
  await writeFile(file, bytes);
  const before = (await readdir(directory)).length;
  try {
    t.deepEqual((await readBackup(file)).manifest, manifest);
    await readBackup(file, { into });
    t.is(await readFile(join(into, 'parley.yaml'), 'utf8'), 'node: {}');
    return 'read';
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    t.is(error.code, 'BACKUP_INVALID');
    t.false(existsSync(into), 'nothing is written of what is not whole');
    t.is((await readdir(directory)).length, before);
    return 'refused';
  }
}

test('backup file - is read as it was written, readable by its owner only', async (t) => {
  const { file, manifest, directory } = await whole(t);
  const { stat } = await import('node:fs/promises');
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.deepEqual(await readBackup(file), { file, bytes: (await stat(file)).size, manifest, config: 'node: {}' });
  await readBackup(file, { into: join(directory, 'out') });
  t.deepEqual((await readdir(join(directory, 'out'))).sort(), ['parley.yaml', 'streams']);
});

test('backup file - cut off anywhere, it is refused, unless only the empty end is missing', async (t) => {
  const { bytes, directory, manifest } = await whole(t);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
      const found = await readsOrRefuses(t, directory, bytes.subarray(0, length), manifest);
      if (length <= bytes.length - 1024 - 512) t.is(found, 'refused', String(length));
    }),
    { numRuns: 100 },
  );
});

test('backup file - with any bit turned, it is refused or means the same', async (t) => {
  const { bytes, directory, manifest } = await whole(t);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
      const turned = Buffer.from(bytes);
      turned.writeUInt8(turned.readUInt8(at) ^ (1 << bit), at);
      await readsOrRefuses(t, directory, turned, manifest);
    }),
    { numRuns: 200 },
  );
});

test('backup file - any bytes at all are refused', async (t) => {
  const { directory, manifest } = await whole(t);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), async (bytes) => {
      t.is(await readsOrRefuses(t, directory, bytes, manifest), 'refused');
    }),
    { numRuns: 100 },
  );
});

interface Entry {
  readonly name: string;
  readonly text: string;
  readonly type?: 'file' | 'symlink' | 'directory';
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, text, type = 'file' } of entries) {
    tar.entry(
      { name, type, ...(type === 'symlink' ? { linkname: '/etc/passwd' } : {}) },
      type === 'file' ? text : '',
    );
  }
  tar.finalize();
  return buffer(tar);
}

test('backup file - no name leads out of its place, whatever the manifest says', async (t) => {
  const { directory, manifest } = await whole(t);
  const names = fc.oneof(
    fc.constantFrom(
      '../evil',
      '/etc/evil',
      'streams/../../evil',
      'store/tls/../../evil',
      'streams/..snapshot',
      'store/',
    ),
    fc.string({ minLength: 1, maxLength: 60 }),
  );
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      if (/^(streams\/[A-Za-z0-9_=-]+\.(snapshot|json)|parley\.yaml|store\/.*)$/.test(name)) return;
      const text = formatManifest({ ...manifest, parts: [{ name, bytes: 0, sha256: EMPTY }] });
      const bytes = await tarOf([
        { name: 'manifest.json', text },
        { name, text: '' },
        { name: 'manifest.sha256', text: sealOf(text) },
      ]);
      t.is(await readsOrRefuses(t, directory, bytes, manifest), 'refused', name);
    }),
    { numRuns: 100 },
  );
});

test('backup file - links, more files than the manifest says, and later versions are refused with the reason', async (t) => {
  const { directory, manifest } = await whole(t);
  const text = formatManifest({ ...manifest, parts: [{ name: 'parley.yaml', bytes: 0, sha256: EMPTY }] });
  const seal = { name: 'manifest.sha256', text: sealOf(text) };
  const head = { name: 'manifest.json', text };
  const cases: readonly (readonly [readonly Entry[], RegExp])[] = [
    [[head, { name: 'parley.yaml', text: '', type: 'symlink' }, seal], /something unknown/],
    [[head, { name: 'parley.yaml', text: '' }, seal, { name: 'more', text: '' }], /something unknown/],
    [[head, { name: 'parley.yaml', text: '' }], /cut off/],
    [[head, { name: 'parley.yaml', text: '' }, { ...seal, text: sealOf('x') }], /manifest was changed/],
    [[{ name: 'manifest.json', text: text.replace('"version": 1', '"version": 2') }], /version 2/],
  ];
  for (const [entries, message] of cases) {
    const file = join(directory, 'case.tar');
    await writeFile(file, await tarOf(entries));
    await t.throwsAsync(readBackup(file), { code: 'BACKUP_INVALID', message });
  }
});

test('backup file - a disk that takes nothing is told as one', async (t) => {
  const { file, directory } = await whole(t);
  const into = join(directory, 'taken');
  await writeFile(into, 'a file');
  await t.throwsAsync(readBackup(file, { into }), { code: 'STORE_UNWRITABLE', message: /cannot write/ });
});

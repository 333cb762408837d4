/**
 * A backup as one file: a tar, so that it can be looked into without Parley. First the manifest, then its parts in its
 * order, last the checksum of the manifest. What is read back may be anything: only names of the manifest's closed list
 * are taken, each once, with the size and checksum that it says, and nothing may be missing.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, extract, pack } from 'tar-stream';
import { ParleyError, reasonOf } from '../errors.js';
import {
  type BackupInfo,
  CONFIG,
  formatManifest,
  invalid,
  MANIFEST,
  type Manifest,
  type Part,
  parseManifest,
  SEAL,
  sealOf,
} from './manifest.js';

const MODE = 0o600;
/** A manifest of a thousand streams is a tenth of it. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** Packs the parts that lie in `directory` under their names. */
export async function writeArchive(
  file: string,
  directory: string,
  manifest: Manifest,
  progress: (bytes: number) => void,
): Promise<void> {
  const tar = pack();
  const writing = pipeline(tar, createWriteStream(file, { mode: MODE, flags: 'wx', flush: true }));
  // A failure of either side ends the other.
  writing.catch((error: Error) => tar.destroy(error));
  try {
    const mtime = new Date(manifest.time);
    const text = formatManifest(manifest);
    tar.entry({ name: MANIFEST, mode: MODE, mtime }, text);
    let bytes = 0;
    for (const part of manifest.parts) {
      const entry = tar.entry({ name: part.name, size: part.bytes, mode: MODE, mtime });
      const counting = createReadStream(join(directory, part.name));
      counting.on('data', (chunk) => {
        bytes += chunk.length;
        progress(bytes);
      });
      await pipeline(counting, entry);
    }
    tar.entry({ name: SEAL, mode: MODE, mtime }, sealOf(text));
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(reasonOf(error)));
    await writing.catch(() => {});
    throw error;
  }
  await writing;
}

export interface ReadOptions {
  /** Where the parts are written to; absent: they are only checked. */
  readonly into?: string;
  readonly progress?: (bytes: number) => void;
}

/** Resolves when all of it is as it was written. Throws BACKUP_INVALID, and STORE_UNWRITABLE for `into`. */
export async function readBackup(file: string, options: ReadOptions = {}): Promise<BackupInfo> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw invalid(file, reasonOf(error), error);
  });
  const tar = extract();
  const reading = pipeline(createReadStream(file), tar);
  reading.catch(() => {});
  try {
    const read = await readEntries(file, tar, options);
    await reading;
    return { file, bytes: size, ...read };
  } catch (error) {
    tar.destroy();
    if (error instanceof ParleyError) throw error;
    throw invalid(file, `it is damaged or no backup: ${reasonOf(error)}`, error);
  }
}

async function readEntries(
  file: string,
  tar: AsyncIterable<Entry>,
  options: ReadOptions,
): Promise<Pick<BackupInfo, 'manifest' | 'config'>> {
  let text = '';
  let config = '';
  let manifest: Manifest | null = null;
  let sealed = false;
  const wanted: Part[] = [];
  for await (const entry of tar) {
    const { name, type } = entry.header;
    if (type !== 'file' || sealed) throw invalid(file, `it has something unknown: ${JSON.stringify(name)}`);
    if (manifest === null) {
      if (name !== MANIFEST) throw invalid(file, 'it does not begin with a manifest');
      text = await textOf(file, entry);
      manifest = parseManifest(text, file);
      wanted.push(...manifest.parts);
      continue;
    }
    const part = wanted.shift();
    if (part === undefined) {
      sealed = name === SEAL && (await textOf(file, entry)) === sealOf(text);
      if (!sealed) throw invalid(file, 'its manifest was changed');
    } else {
      const read = await readPart(file, entry, part, options);
      if (name === CONFIG) config = read;
    }
  }
  if (manifest === null || !sealed) throw invalid(file, 'it is cut off');
  return { manifest, config };
}

/** Resolves with the text of a small part, empty for others. */
async function readPart(file: string, entry: Entry, part: Part, options: ReadOptions): Promise<string> {
  const { name, size } = entry.header;
  if (name !== part.name || size !== part.bytes) {
    throw invalid(file, `expected ${part.name} of ${part.bytes} bytes, got ${JSON.stringify(name)}`);
  }
  const hash = createHash('sha256');
  const small: Buffer[] = [];
  const check = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      if (part.bytes <= MAX_TEXT_BYTES && name === CONFIG) small.push(chunk);
      options.progress?.(chunk.length);
      yield chunk;
    }
  };
  await (options.into === undefined ? drain(check(entry)) : keep(check(entry), join(options.into, name)));
  if (hash.digest('hex') !== part.sha256) throw invalid(file, `${part.name} is damaged`);
  return Buffer.concat(small).toString('utf8');
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}

/** The name is one of the manifest's closed list. */
async function keep(chunks: AsyncIterable<Buffer>, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(chunks, createWriteStream(path, { mode: MODE, flags: 'wx', flush: true }));
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    throw new ParleyError('STORE_UNWRITABLE', `cannot write ${path}: ${reasonOf(error)}`, {
      fix: 'Make room, or give this user the directory; then run it again.',
      cause: error,
    });
  }
}

/** What comes from the backup has no system call that writes. */
function isOfDisk(error: unknown): boolean {
  const { syscall = '' } = error as NodeJS.ErrnoException;
  return ['open', 'write', 'mkdir', 'fsync', 'close'].includes(syscall);
}

async function textOf(file: string, entry: Entry): Promise<string> {
  if ((entry.header.size ?? 0) > MAX_TEXT_BYTES) throw invalid(file, 'its manifest is too large');
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

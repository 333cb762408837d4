/** The files of a saved stream. Its `.json` is written last: where it is, the snapshot is whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ParleyError, reasonOf } from '../../errors.js';
import { encodeToken } from '../../message/index.js';
import type { SavedStream } from './types.js';

const count = z.int().nonnegative();
const savedSpec = z.strictObject({
  version: z.literal(1),
  stream: z.string().min(1),
  live: z.literal(true).optional(),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  state: z.strictObject({
    messages: count,
    firstSequence: count,
    lastSequence: count,
    consumers: z.array(z.strictObject({ name: z.string(), ackFloor: count, unacked: count, pending: count })),
  }),
  config: z.record(z.string(), z.unknown()),
  serverState: z.record(z.string(), z.unknown()),
});

export function snapshotFile(directory: string, stream: string): string {
  return join(directory, `${encodeToken(stream)}.snapshot`);
}

function markerFile(directory: string, stream: string): string {
  return join(directory, `${encodeToken(stream)}.json`);
}

/** Null: not saved, or not to the end. Throws STORE_UNWRITABLE for a damaged file. */
export async function readSaved(directory: string, stream: string): Promise<SavedStream | null> {
  return readMarker(markerFile(directory, stream));
}

export async function allSaved(directory: string): Promise<readonly SavedStream[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw damaged(directory, reasonOf(error), error);
  });
  const markers = names.filter((name) => names.includes(name.replace(/\.json$/, '.snapshot')));
  const found = await Promise.all(
    markers.filter((name) => name.endsWith('.json')).map((name) => readMarker(join(directory, name))),
  );
  return found.filter((saved) => saved !== null);
}

/** On disk when it resolves: the store that it was taken from may be let go after that. */
export async function writeSaved(directory: string, saved: SavedStream): Promise<void> {
  const file = markerFile(directory, saved.stream);
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(saved)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncDirectory(directory);
}

/** Throws STORE_UNWRITABLE when the snapshot is not what was saved. */
export async function checkSnapshot(directory: string, saved: SavedStream): Promise<void> {
  const file = snapshotFile(directory, saved.stream);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  if (hash.digest('hex') !== saved.sha256) throw damaged(file, 'it is not what was saved');
}

async function readMarker(file: string): Promise<SavedStream | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw damaged(file, reasonOf(error), error);
  }
  try {
    return savedSpec.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, 'it is not the record of a saved stream', error);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function damaged(file: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('STORE_UNWRITABLE', `${file}: ${reason}`, {
    fix: 'Check the disk; the stream itself is kept until it has been restored and checked.',
    cause,
  });
}

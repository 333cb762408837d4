/**
 * Streams come back into servers that run already and are others'. Which were begun is noted beside the backup: after a
 * cut those, and only those, are removed and begun anew. Nothing else may be there, and no gateway.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type BusAddress, type Mover, openMover, type SavedStream } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import { writePrivately } from '../node/index.js';
import { readBackup } from './archive.js';
import { type BackupInfo, STREAMS } from './manifest.js';

export interface ServersTarget {
  readonly address: BusAddress;
  /** Copies of each stream; null: as many as it had. */
  readonly replicas: number | null;
  readonly progress?: (what: string, bytes: number) => void;
}

const noteSpec = z.strictObject({ time: z.string(), begun: z.array(z.string()) });
type Note = z.output<typeof noteSpec>;

/** Throws BACKUP_INVALID, BACKBONE_CONFLICT when a stream is there and not empty, BACKBONE_UNAVAILABLE. */
export async function restoreServers(file: string, target: ServersTarget): Promise<BackupInfo> {
  const info = await readBackup(file);
  const note = await readNote(file, info);
  const directory = await mkdtemp(join(tmpdir(), 'parley-restore-'));
  const mover = await openMover(target.address);
  try {
    await readBackup(file, { into: directory });
    const streams = join(directory, STREAMS);
    const saved = await mover.saved(streams);
    await refuseFilled(mover, saved, note);
    for (const { stream, config } of saved) {
      note.begun = [...new Set([...note.begun, stream])];
      await writeNote(file, note);
      const replicas = target.replicas ?? Number(config.num_replicas ?? 1);
      await mover.restore(stream, streams, replicas, (bytes) => target.progress?.(stream, bytes));
    }
    await rm(noteFile(file), { force: true });
    return info;
  } finally {
    await mover.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function refuseFilled(mover: Mover, saved: readonly SavedStream[], { begun }: Note): Promise<void> {
  for (const { stream } of saved.filter((one) => !begun.includes(one.stream))) {
    const state = await mover.stateOf(stream);
    if (state === null || state.messages === 0) continue;
    throw new ParleyError(
      'BACKBONE_CONFLICT',
      `stream ${stream} is there and has ${state.messages} messages: a restore would overwrite it`,
      { fix: `Back it up, and delete it (nats stream rm ${stream}); or give the config another "prefix".` },
    );
  }
}

function noteFile(file: string): string {
  return `${resolve(file)}.restoring`;
}

async function readNote(file: string, { manifest }: BackupInfo): Promise<Note> {
  const fresh = { time: manifest.time, begun: [] };
  const path = noteFile(file);
  if (!existsSync(path)) return fresh;
  try {
    const note = noteSpec.parse(JSON.parse(await readFile(path, 'utf8')));
    return note.time === manifest.time ? note : fresh;
  } catch {
    return fresh;
  }
}

async function writeNote(file: string, note: Note): Promise<void> {
  await writePrivately(noteFile(file), JSON.stringify(note)).catch((error: unknown) => {
    throw new ParleyError('STORE_UNWRITABLE', `cannot note what is restored: ${reasonOf(error)}`, {
      fix: 'Copy the backup to a directory that this user may write to.',
      cause: error,
    });
  });
}

/**
 * Problem: everything that a gateway keeps, in one file, while it runs. Idea: the server's snapshots, the room log
 * first: whatever else refers to it (dead letters, the ids of messages) is newer then, and never missing. They lie in a
 * directory beside the backup until their sizes and checksums are known. Why safe: the backup gets its name when it is
 * whole and on disk; a backup that was cut off leaves that directory, which the next one empties. What it cannot do: save
 * all streams at one moment. A line that was said while the backup was taken may be in it as not yet said.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BUCKETS, type Mover, type SavedStream, Subjects } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import { claimDirectory } from '../node/index.js';
import { writeArchive } from './archive.js';
import {
  type BackupInfo,
  CONFIG,
  type Manifest,
  type Part,
  STORE,
  STORE_FILES,
  STREAMS,
} from './manifest.js';

const WORKSHOP = '.parley-backup.partial';

export interface BackupSources {
  readonly mover: Mover;
  readonly prefix: string;
  readonly gateway: string;
  /** Version of this program. */
  readonly parley: string;
  /** The config as it was read, secrets unresolved. */
  readonly config: string;
  /** Of the node; null: the servers are others'. */
  readonly store: string | null;
  /** `what` is being saved, and how many bytes of it are there. */
  readonly progress?: (what: string, bytes: number) => void;
}

/**
 * Writes a backup to `target`: a file that does not exist, or a directory, where it gets a name with the time.
 * Throws USAGE when the file is there, BACKBONE_UNAVAILABLE, BACKBONE_DENIED, STORE_UNWRITABLE.
 */
export async function takeBackup(sources: BackupSources, target: string, now: Date): Promise<BackupInfo> {
  const file = await fileFor(target, sources.gateway, now);
  const workshop = join(dirname(file), WORKSHOP);
  const release = await claimDirectory({
    directory: workshop,
    what: 'directory for the backup',
    setting: 'the place of the backup',
  });
  try {
    await emptied(workshop);
    const manifest = await onDisk(() => gather(sources, workshop, now));
    const draft = join(workshop, 'backup.tar');
    await onDisk(() => writeArchive(draft, workshop, manifest, (bytes) => sources.progress?.('file', bytes)));
    await onDisk(() => publish(draft, file));
    return { file, bytes: (await stat(file)).size, manifest, config: sources.config };
  } finally {
    await emptied(workshop);
    await release();
    // Not when the next one has it already.
    await rmdir(workshop).catch(() => {});
  }
}

/** The owner of the workshop is told in a file of it, which stays. */
async function emptied(workshop: string): Promise<void> {
  const names = await readdir(workshop);
  const left = names.filter((name) => !name.startsWith('owner.json'));
  await Promise.all(left.map((name) => rm(join(workshop, name), { recursive: true, force: true })));
}

async function fileFor(target: string, gateway: string, now: Date): Promise<string> {
  const path = resolve(target);
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => target.endsWith('/'),
  );
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const file = isDirectory ? join(path, `parley-${gateway}-${stamp}Z.tar`) : path;
  if (!existsSync(file)) return file;
  throw new ParleyError('USAGE', `${file} exists already`, {
    fix: 'Name another file, or a directory: the backup then gets a name of its own.',
  });
}

async function gather(sources: BackupSources, workshop: string, now: Date): Promise<Manifest> {
  const { mover, prefix, gateway, parley, store, config } = sources;
  await mkdir(join(workshop, STREAMS), { mode: 0o700 });
  await writeFile(join(workshop, CONFIG), config, { mode: 0o600 });
  const kept = store === null ? [] : await copyStore(store, workshop);
  const saved = await saveStreams(sources, join(workshop, STREAMS));
  const files = (await readdir(join(workshop, STREAMS))).sort().map((name) => `${STREAMS}/${name}`);
  const parts: Part[] = [];
  for (const name of [CONFIG, ...kept, ...files]) parts.push(await partOf(workshop, name));
  return {
    format: 'parley-backup',
    version: 1,
    time: now.toISOString(),
    parley,
    natsServer: mover.serverVersion,
    gateway,
    prefix,
    kind: store === null ? 'servers' : 'node',
    streams: saved.map(({ stream, bytes, state }) => ({
      stream,
      messages: state.messages,
      lastSequence: state.lastSequence,
      consumers: state.consumers.length,
      bytes,
    })),
    parts,
  };
}

async function saveStreams(sources: BackupSources, directory: string): Promise<readonly SavedStream[]> {
  const { mover, prefix, progress } = sources;
  const saved: SavedStream[] = [];
  for (const stream of new Subjects(prefix).streams(BUCKETS)) {
    // A bucket is made when it is first used.
    if ((await mover.stateOf(stream)) === null) continue;
    saved.push(await mover.saveLive(stream, directory, (bytes) => progress?.(stream, bytes)));
  }
  return saved;
}

/** Resolves with the names of what is there. */
async function copyStore(store: string, workshop: string): Promise<readonly string[]> {
  await mkdir(join(workshop, STORE, 'tls'), { recursive: true, mode: 0o700 });
  const present = STORE_FILES.filter((name) => existsSync(join(store, name)));
  for (const name of present) {
    const copy = join(workshop, STORE, name);
    await copyFile(join(store, name), copy);
    await chmod(copy, 0o600);
  }
  return present.map((name) => `${STORE}/${name}`);
}

async function partOf(directory: string, name: string): Promise<Part> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(directory, name))) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest('hex') };
}

/** Whole and on disk before it has its name, and its name is on disk when this resolves. */
async function publish(draft: string, file: string): Promise<void> {
  await rename(draft, file);
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('STORE_UNWRITABLE', `cannot write the backup: ${reasonOf(error)}`, {
      fix: 'It takes twice its size while it is made. Make room, or name another place.',
      cause: error,
    });
  }
}

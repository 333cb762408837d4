/**
 * Problem: a backup becomes the store of one node, and the power may go at any moment. Idea: everything is made in a
 * directory inside the store (see unfinished.ts), by a server of its own that nobody reaches, and compared with the
 * backup there; then it is moved to its place, piece by piece. Why safe: until it is whole nothing else of the store is
 * touched, and the next restore begins anew; once it is, the next restore only moves the rest. What it cannot do: bring
 * back a cluster as such: the node is alone, and the others join it again.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openMover } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import {
  type Bench,
  benchOf,
  claimStore,
  filesOf,
  findProgram,
  type Program,
  readClusterFile,
  releaseStore,
  writePrivately,
} from '../node/index.js';
import { readBackup } from './archive.js';
import { type BackupInfo, invalid, type Manifest, STORE, STREAMS } from './manifest.js';
import { type Places, placesIn } from './unfinished.js';

export interface RestoreOptions {
  /** Moves what the store has to `before-{time}` in it. */
  readonly replace: boolean;
  readonly now: Date;
  readonly log: Logger;
  /** `what` is being restored, and how many bytes of it are there. */
  readonly progress?: (what: string, bytes: number) => void;
}

export interface Restored extends BackupInfo {
  /** Where the old store is; null: there was none. */
  readonly aside: string | null;
  /** Of the cluster that the node was in; it is alone now. */
  readonly members: readonly string[];
}

/** What else lies in a store and stays: what waits to be stored, and what was put aside before. */
const STAYS = /^(?:owner\.json.*|spool|restoring|before-.*|left-.*)$/;
/** One server's name, port and pid: of a run, not of a node. */
const OF_A_RUN = /^(?:owner\.json.*|node\.json|nats-server\..*)$/;

/**
 * Throws BACKUP_INVALID before anything is written, NODE_FAILED while a gateway runs on the store, STORE_NOT_EMPTY,
 * and what the server and the disk throw.
 */
export async function restoreStore(
  file: string,
  config: NodeConfig,
  options: RestoreOptions,
): Promise<Restored> {
  const info = await readBackup(file);
  const { manifest } = info;
  const program = await findProgram();
  refuseOlderServer(program, manifest);
  const files = filesOf(config.store);
  await claimStore(files, options.log);
  try {
    const places = placesIn(config.store);
    const present = await contentsOf(config.store);
    if (existsSync(places.whole)) {
      await refuseOther(places, info);
    } else {
      if (present.length > 0 && !options.replace) throw notEmpty(config.store, present);
      await make(file, info, program, { config, places, options });
    }
    const cluster = await readClusterFile(join(places.parts, 'cluster.json'));
    const aside = await putAside(config.store, places, options);
    await takeOver(config.store, places);
    return { ...info, aside, members: cluster?.members.map(({ name }) => name) ?? [] };
  } finally {
    await releaseStore(files);
  }
}

/** Half moved to its place: only that one can be brought to an end. */
async function refuseOther({ whole }: Places, { manifest }: BackupInfo): Promise<void> {
  const time = (await readFile(whole, 'utf8')).trim();
  if (time === manifest.time) return;
  throw new ParleyError('RESTORE_UNFINISHED', `the restore of the backup of ${time} was cut off here`, {
    fix: 'Restore that one first.',
  });
}

interface Work {
  readonly config: NodeConfig;
  readonly places: Places;
  readonly options: RestoreOptions;
}

/** Resolves once `restoring/store` is what the backup says, on disk. */
async function make(file: string, info: BackupInfo, program: Program, work: Work): Promise<void> {
  const { places, options } = work;
  const target = filesOf(places.store);
  // Of a run that was cut off; its server may still be there.
  if (existsSync(places.store)) await claimStore(target, options.log).then(() => releaseStore(target));
  await rm(places.root, { recursive: true, force: true });
  await mkdir(places.root, { recursive: true, mode: 0o700 });
  await readBackup(file, { into: places.parts });
  const kept = join(places.parts, STORE);
  if (existsSync(kept)) await rename(kept, places.store);
  await mkdir(places.store, { recursive: true, mode: 0o700 });
  // A cluster is made by letting the others in, not by a file that says that they are there.
  if (existsSync(target.cluster)) await rename(target.cluster, join(places.parts, 'cluster.json'));
  const { name, tls } = work.config;
  const config: NodeConfig = {
    name,
    listen: { host: '127.0.0.1', port: null },
    store: places.store,
    ...(tls === undefined ? {} : { tls }),
  };
  const { prefix } = info.manifest;
  const bench = benchOf({ program, config, prefix, files: target, log: options.log });
  await fill(bench, info, join(places.parts, STREAMS), options);
  for (const left of await readdir(places.store)) {
    if (OF_A_RUN.test(left)) await rm(join(places.store, left), { force: true });
  }
  await syncDirectory(places.store);
  await writePrivately(places.whole, `${info.manifest.time}\n`);
  await syncDirectory(places.root);
}

async function fill(
  bench: Bench,
  { file, manifest }: BackupInfo,
  directory: string,
  { progress }: RestoreOptions,
): Promise<void> {
  // What is cut off is begun anew, so nothing needs to end it well.
  await bench.run(null, new AbortController().signal, async ({ address }) => {
    const mover = await openMover(address);
    try {
      const saved = await mover.saved(directory);
      if (saved.length !== manifest.streams.length) throw invalid(file, 'not every stream has its record');
      for (const { stream } of saved) {
        await mover.restore(stream, directory, 1, (bytes) => progress?.(stream, bytes));
      }
    } finally {
      await mover.close();
    }
  });
}

async function contentsOf(store: string): Promise<readonly string[]> {
  const names = await readdir(store);
  return names.filter((name) => !STAYS.test(name) && !OF_A_RUN.test(name));
}

/** Once: what is moved there, a run that was cut off has moved already. */
async function putAside(store: string, places: Places, { now }: RestoreOptions): Promise<string | null> {
  const moved = `${places.whole}.aside`;
  if (existsSync(moved)) return null;
  const names = await contentsOf(store);
  const aside = join(store, `before-${now.toISOString().replaceAll(/[:.]/g, '-')}`);
  if (names.length > 0) await mkdir(aside, { mode: 0o700 });
  for (const name of names) await rename(join(store, name), join(aside, name));
  await writePrivately(moved, '');
  return names.length > 0 ? aside : null;
}

async function takeOver(store: string, places: Places): Promise<void> {
  for (const name of await readdir(places.store)) await rename(join(places.store, name), join(store, name));
  await syncDirectory(store);
  await rm(places.root, { recursive: true, force: true });
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refuseOlderServer({ version }: Program, { natsServer }: Manifest): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = natsServer.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new ParleyError(
    'NODE_TOO_OLD',
    `the backup is of nats-server ${natsServer}, and here is ${version}: it may not read it`,
    { fix: `Install nats-server ${wantedMajor}.${wantedMinor} or newer.` },
  );
}

function notEmpty(store: string, present: readonly string[]): ParleyError {
  return new ParleyError(
    'STORE_NOT_EMPTY',
    `the store ${store} is not empty: ${present.slice(0, 5).join(', ')}`,
    { fix: 'Name an empty directory with --into, or move what is there aside with --replace.' },
  );
}

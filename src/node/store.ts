/**
 * The directory of one node. nats-server does not lock its store: two servers on one directory both run, and damage
 * it. So the store belongs to one Parley at a time, and a nats-server that an earlier one left behind is ended first.
 */
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type TlsDirectory, tlsDirectory } from './authority-files.js';
import { writePrivately } from './private-file.js';
import { birthOf, commandOf, endProcess } from './processes.js';

const LEFTOVER_GRACE_MS = 5000;

export interface StoreFiles {
  readonly directory: string;
  readonly config: string;
  readonly jetstream: string;
  readonly serverPid: string;
  readonly credentials: string;
  readonly address: string;
  readonly owner: string;
  /** Who belongs to the cluster: see cluster-file.ts. */
  readonly cluster: string;
  /** See authority-files.ts: the CAs that are trusted, this node's certificate, and the CA's key where the CA is. */
  readonly tls: TlsDirectory;
}

export function filesOf(directory: string): StoreFiles {
  return {
    directory,
    config: join(directory, 'nats-server.conf'),
    jetstream: join(directory, 'jetstream'),
    serverPid: join(directory, 'nats-server.pid'),
    credentials: join(directory, 'credentials.json'),
    address: join(directory, 'node.json'),
    owner: join(directory, 'owner.json'),
    cluster: join(directory, 'cluster.json'),
    tls: tlsDirectory(join(directory, 'tls')),
  };
}

/** Makes the directory ours and free of a running nats-server. Throws STORE_UNWRITABLE, or NODE_FAILED when taken. */
export async function claimStore(files: StoreFiles, log: Logger): Promise<void> {
  const owner = JSON.stringify({ pid: process.pid, birth: await birthOf(process.pid) });
  const draft = `${files.owner}.${process.pid}`;
  try {
    await mkdir(files.directory, { recursive: true, mode: 0o700 });
    await writePrivately(draft, owner);
  } catch (error) {
    throw unwritable(files.directory, error);
  }
  try {
    await linkOwner(files, draft);
  } finally {
    await rm(draft, { force: true });
  }
  await endLeftover(files, log);
}

export async function releaseStore(files: StoreFiles): Promise<void> {
  await rm(files.owner, { force: true });
}

/** `link` fails when the name exists: of two that start at once, one wins. */
async function linkOwner(files: StoreFiles, draft: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await link(draft, files.owner);
    } catch (error) {
      if (!isExisting(error)) throw unwritable(files.directory, error);
    }
    await refuseLiving(files);
    // Renamed before it is removed: only one of two starters gets it.
    const stale = `${files.owner}.stale`;
    await rename(files.owner, stale).catch(() => {});
    await rm(stale, { force: true });
  }
  throw taken(files, 'another Parley that starts right now');
}

async function refuseLiving(files: StoreFiles): Promise<void> {
  const owner = await readOwner(files.owner);
  if (owner === null || (await birthOf(owner.pid)) !== owner.birth) return;
  throw taken(files, `the Parley with process id ${owner.pid}`);
}

async function readOwner(file: string): Promise<{ readonly pid: number; readonly birth: string } | null> {
  const value = await readJson(file);
  if (!isRecord(value) || typeof value.pid !== 'number' || typeof value.birth !== 'string') return null;
  return { pid: value.pid, birth: value.birth };
}

async function endLeftover(files: StoreFiles, log: Logger): Promise<void> {
  const pid = Number(await readFile(files.serverPid, 'utf8').catch(() => '0'));
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  const command = await commandOf(pid);
  // The id may be another program's by now.
  if (command?.includes('nats-server') === true && command.includes(files.config)) {
    log.warn('ending the nats-server that an earlier Parley left behind', { pid });
    await endProcess(pid, LEFTOVER_GRACE_MS);
  }
  await rm(files.serverPid, { force: true });
}

/**
 * A node of the time when there were no accounts kept its streams in the folder of the server's global account. The
 * folder's name is all that tells whose streams they are.
 */
export async function adoptStreams(files: StoreFiles, account: string, log: Logger): Promise<void> {
  const root = join(files.jetstream, 'jetstream');
  const [before, now] = [join(root, '$G'), join(root, account)];
  if (!existsSync(join(before, 'streams'))) return;
  if (existsSync(now)) {
    log.warn('the store has streams of an earlier kind, which are not used', { path: before });
    return;
  }
  await rename(before, now).catch((error: unknown) => {
    throw unwritable(root, error);
  });
  log.info('took over the streams of an earlier version', { path: now });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function unwritable(directory: string, error: unknown): ParleyError {
  return new ParleyError('STORE_UNWRITABLE', `cannot write to the store ${directory}: ${reasonOf(error)}`, {
    fix: 'Give this user the directory, or name another one as "node.store" in the config.',
    cause: error,
  });
}

function taken(files: StoreFiles, owner: string): ParleyError {
  return new ParleyError('NODE_FAILED', `the store ${files.directory} is in use by ${owner}`, {
    fix: 'Stop that one first, or name another directory as "node.store" in the config.',
  });
}

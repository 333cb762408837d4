/**
 * The directory of one node. nats-server does not lock its store: two servers on one directory both run, and damage
 * it. So the store belongs to one Parley at a time, and a nats-server that an earlier one left behind is ended first.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log.js';
import { claimDirectory, releaseDirectory } from './claim.js';
import { writePrivately } from './private-file.js';
import { commandOf, endProcess } from './processes.js';

const LEFTOVER_GRACE_MS = 5000;
const STORE = { what: 'store', setting: 'node.store' };

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface StoreFiles {
  readonly directory: string;
  readonly config: string;
  readonly jetstream: string;
  readonly serverPid: string;
  readonly credentials: string;
  readonly address: string;
}

export function filesOf(directory: string): StoreFiles {
  return {
    directory,
    config: join(directory, 'nats-server.conf'),
    jetstream: join(directory, 'jetstream'),
    serverPid: join(directory, 'nats-server.pid'),
    credentials: join(directory, 'credentials.json'),
    address: join(directory, 'node.json'),
  };
}

/** Makes the directory ours and free of a running nats-server. Throws STORE_UNWRITABLE, or NODE_FAILED when taken. */
export async function claimStore(files: StoreFiles, log: Logger): Promise<void> {
  await claimDirectory({ ...STORE, directory: files.directory });
  await endLeftover(files, log);
}

export async function releaseStore(files: StoreFiles): Promise<void> {
  await releaseDirectory(files.directory);
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

/** The user of this node's own clients, made up once. */
export async function ensureCredentials(files: StoreFiles): Promise<Credentials> {
  const value = await readJson(files.credentials);
  if (isRecord(value) && typeof value.user === 'string' && typeof value.password === 'string') {
    return { user: value.user, password: value.password };
  }
  const credentials = { user: 'parley', password: randomBytes(24).toString('base64url') };
  await writePrivately(files.credentials, `${JSON.stringify(credentials)}\n`);
  return credentials;
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

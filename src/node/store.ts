/**
 * The directory of one node. nats-server does not lock its store: two servers on one directory both run, and damage
 * it. So the store belongs to one Parley at a time, and a nats-server that an earlier one left behind is ended first.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log.js';
import { type TlsDirectory, tlsDirectory } from './authority-files.js';
import { claimDirectory, releaseDirectory } from './claim.js';
import { commandOf, endProcess } from './processes.js';

const LEFTOVER_GRACE_MS = 5000;
const STORE = { what: 'store', setting: 'node.store' };

export interface StoreFiles {
  readonly directory: string;
  readonly config: string;
  readonly jetstream: string;
  /** Where `jetstream` is put when it may be damaged: see renewal.ts. */
  readonly aside: string;
  /** One of the two is there: see doubt.ts. */
  readonly doubt: { readonly no: string; readonly yes: string };
  readonly serverPid: string;
  readonly credentials: string;
  readonly address: string;
  /** Directory with a file for each command service: see services.ts. */
  readonly services: string;
  /** Who belongs to the cluster: see cluster-file.ts. */
  readonly cluster: string;
  /** What this member agreed to about the next list of members. */
  readonly pact: string;
  /** See authority-files.ts: the CAs that are trusted, this node's certificate, and the CA's key where the CA is. */
  readonly tls: TlsDirectory;
}

export function filesOf(directory: string): StoreFiles {
  return {
    directory,
    config: join(directory, 'nats-server.conf'),
    jetstream: join(directory, 'jetstream'),
    aside: join(directory, 'jetstream.damaged'),
    doubt: { no: join(directory, 'jetstream.sound'), yes: join(directory, 'jetstream.doubted') },
    serverPid: join(directory, 'nats-server.pid'),
    credentials: join(directory, 'credentials.json'),
    address: join(directory, 'node.json'),
    services: join(directory, 'services'),
    cluster: join(directory, 'cluster.json'),
    pact: join(directory, 'pact.json'),
    tls: tlsDirectory(join(directory, 'tls')),
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

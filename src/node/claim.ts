/** A directory belongs to one living Parley at a time. */
import { link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, reasonOf } from '../errors.js';
import { writePrivately } from './private-file.js';
import { birthOf } from './processes.js';

export interface Claim {
  readonly directory: string;
  /** For errors: `store`, and the config field that names the directory: `node.store`. */
  readonly what: string;
  readonly setting: string;
}

/** Gives the directory up; once is enough. */
export type Release = () => Promise<void>;

/** Makes the directory, and makes it ours. Throws STORE_UNWRITABLE, or NODE_FAILED when it is another's. */
export async function claimDirectory(claim: Claim): Promise<Release> {
  const file = ownerFile(claim.directory);
  const owner = JSON.stringify({ pid: process.pid, birth: await birthOf(process.pid) });
  const draft = `${file}.${process.pid}`;
  try {
    await mkdir(claim.directory, { recursive: true, mode: 0o700 });
    await writePrivately(draft, owner);
  } catch (error) {
    throw unwritable(claim, error);
  }
  try {
    await linkOwner(claim, file, draft);
  } finally {
    await rm(draft, { force: true });
  }
  return () => releaseDirectory(claim.directory);
}

export async function releaseDirectory(directory: string): Promise<void> {
  await rm(ownerFile(directory), { force: true });
}

function ownerFile(directory: string): string {
  return join(directory, 'owner.json');
}

/** `link` fails when the name exists: of two that start at once, one wins. */
async function linkOwner(claim: Claim, file: string, draft: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await link(draft, file);
    } catch (error) {
      if (!isExisting(error)) throw unwritable(claim, error);
    }
    await refuseLiving(claim, file);
    // Renamed before it is removed: only one of two starters gets it.
    const stale = `${file}.stale`;
    await rename(file, stale).catch(() => {});
    await rm(stale, { force: true });
  }
  throw taken(claim, 'another Parley that starts right now');
}

async function refuseLiving(claim: Claim, file: string): Promise<void> {
  const owner = await readOwner(file);
  if (owner === null || (await birthOf(owner.pid)) !== owner.birth) return;
  throw taken(claim, `the Parley with process id ${owner.pid}`);
}

async function readOwner(file: string): Promise<{ readonly pid: number; readonly birth: string } | null> {
  try {
    const { pid, birth } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return typeof pid === 'number' && typeof birth === 'string' ? { pid, birth } : null;
  } catch {
    return null;
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function unwritable({ what, directory, setting }: Claim, error: unknown): ParleyError {
  return new ParleyError('STORE_UNWRITABLE', `cannot write to the ${what} ${directory}: ${reasonOf(error)}`, {
    fix: `Give this user the directory, or name another one as "${setting}" in the config.`,
    cause: error,
  });
}

function taken({ what, directory, setting }: Claim, owner: string): ParleyError {
  return new ParleyError('NODE_FAILED', `the ${what} ${directory} is in use by ${owner}`, {
    fix: `Stop that one first, or name another directory as "${setting}" in the config.`,
  });
}

import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { filesOf } from '../node/index.js';

/**
 * What made the store one of a cluster is moved to `left-{time}` in it: a start makes a node alone of it, and it can
 * join again. Returns the directory. The node must have stopped.
 */
export async function setAside(store: string): Promise<string> {
  const { cluster, credentials, jetstream, pact, tls } = filesOf(store);
  const aside = join(store, `left-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  // The list of members last: while it is there, the rest is taken for a member's.
  for (const path of [jetstream, credentials, tls.directory, pact, cluster]) {
    await rename(path, join(aside, basename(path))).catch(ignoreMissing);
  }
  return aside;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

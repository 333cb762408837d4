/**
 * A note in the store that what nats-server wrote there may be damaged.
 *
 * Problem: 2.9.10 says nothing when a write fails for want of room, and goes on: afterwards snapshots are empty whose log
 * was thrown away. So it is noted when there was no room, and the note must need none itself. Idea: a small file is
 * there from the beginning, and renamed.
 */
import { access, rename, writeFile } from 'node:fs/promises';
import type { StoreFiles } from './store.js';

export async function isDoubted({ doubt }: StoreFiles): Promise<boolean> {
  return await access(doubt.yes).then(
    () => true,
    () => false,
  );
}

/** False when it was noted before. Throws when it cannot be noted. */
export async function noteDoubt(files: StoreFiles): Promise<boolean> {
  if (await isDoubted(files)) return false;
  await rename(files.doubt.no, files.doubt.yes).catch(() => writeFile(files.doubt.yes, ''));
  return true;
}

/** What is in the store from now on is as good as it gets. Also for a store that has no note yet. */
export async function endDoubt({ doubt }: StoreFiles): Promise<void> {
  await rename(doubt.yes, doubt.no).catch(() => writeFile(doubt.no, ''));
}

/**
 * A restore works in `restoring` in the store. What is in it becomes the store's own only when all of it is there: the
 * mark says so, and from then on every file that is still in it is only to be moved. While the directory is there
 * the store is neither its old self nor the backup.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ParleyError } from '../errors.js';

export interface Places {
  readonly root: string;
  /** The parts of the backup. */
  readonly parts: string;
  /** What becomes the store. */
  readonly store: string;
  readonly whole: string;
}

export function placesIn(store: string): Places {
  const root = join(store, 'restoring');
  return { root, parts: join(root, 'parts'), store: join(root, 'store'), whole: join(root, 'whole') };
}

/** Throws RESTORE_UNFINISHED for a store that a restore was cut off in. */
export function refuseHalfRestored(store: string): void {
  if (!existsSync(placesIn(store).root)) return;
  throw new ParleyError('RESTORE_UNFINISHED', `the restore into the store ${store} was cut off`, {
    fix: 'Run `parley restore` with the same backup again.',
  });
}

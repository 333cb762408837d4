import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes the whole file or nothing, readable by its owner only. It is on disk, under its name, when this resolves. */
export async function writePrivately(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  // A draft left behind by a crash may have another mode, which writing would keep.
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncDirectory(dirname(file));
}

/** The names in it are on disk when this resolves. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

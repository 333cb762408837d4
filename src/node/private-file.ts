import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes the whole file or nothing, readable by its owner only. */
export async function writePrivately(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  // A draft left behind by a crash may have another mode, which writing would keep.
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
}

/** A small disk of its own that a run can fill up. It is memory (tmpfs): mounting one needs root. */
import { execFile } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TestContext, temporaryDirectory } from '../peers/index.js';

const run = promisify(execFile);

export interface Disk {
  readonly directory: string;
  /** False: an ordinary directory of a disk that everything here shares. */
  readonly canFill: boolean;
  /** Leaves no byte free. */
  fill(): Promise<void>;
  /** Takes away what `fill` put there. */
  free(): Promise<void>;
}

/** Without a size: an ordinary directory. */
export async function makeDisk(t: TestContext, label: string, megabytes: number | null): Promise<Disk> {
  const directory = await temporaryDirectory(t, label);
  const canFill = megabytes !== null && (await mount(directory, megabytes));
  if (canFill) t.teardown(() => unmount(directory));
  const filler = join(directory, 'filler');
  return {
    directory,
    canFill,
    async fill() {
      if (!canFill) throw new Error('this disk is not ours to fill');
      const { bavail, bsize } = await statfs(directory);
      // The last pages go by themselves: others write meanwhile, and `dd` stops where nothing is left.
      await run('fallocate', ['-l', String(bavail * bsize), filler]).catch(() => {});
      await run('dd', ['if=/dev/zero', `of=${filler}.rest`, 'bs=4096']).catch(() => {});
    },
    async free() {
      await Promise.all([rm(filler, { force: true }), rm(`${filler}.rest`, { force: true })]);
    },
  };
}

async function mount(directory: string, megabytes: number): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const mounting = run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'parley-faults', directory]);
  return await mounting.then(
    () => true,
    () => false, // a container without the right to mount
  );
}

/** Lazily: a process that is just ending may still hold a file there. */
async function unmount(directory: string): Promise<void> {
  await run('umount', ['-l', directory]);
}

import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  readonly freeBytes: number;
  /** Below this the server is ended; it runs again with twice as much. */
  readonly leastBytes: number;
}

const LEAST_BYTES = 64 * 1024 * 1024;
const SHARE_OF_SMALL_DISK = 0.05;
/** Less than what nats-server writes at once. */
const NOTHING_BYTES = 1024 * 1024;

/** The least is 64 MiB, or a twentieth of a small disk. */
export async function spaceOf(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return {
    freeBytes: bavail * bsize,
    leastBytes: Math.min(LEAST_BYTES, blocks * bsize * SHARE_OF_SMALL_DISK),
  };
}

/** Enough for a server to start. */
export function hasRoom({ freeBytes, leastBytes }: DiskSpace): boolean {
  return freeBytes >= leastBytes * 2;
}

/** A write may have failed. */
export function isFull({ freeBytes }: DiskSpace): boolean {
  return freeBytes < NOTHING_BYTES;
}

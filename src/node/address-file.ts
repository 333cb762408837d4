/** How another process of this user (the CLI) finds the node of a store. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BusAddress } from '../bus/index.js';
import { writePrivately } from './private-file.js';
import { isAlive } from './processes.js';
import { filesOf } from './store.js';

const addressSpec = z.strictObject({
  servers: z.array(z.string()).min(1),
  inOrder: z.boolean(),
  user: z.string(),
  password: z.string(),
  tls: z.strictObject({ ca: z.string() }).exactOptional(),
  behindLeaf: z.boolean().exactOptional(),
  pid: z.int().positive(),
});

export async function writeNodeAddress(file: string, address: BusAddress, pid: number): Promise<void> {
  await writePrivately(file, `${JSON.stringify({ ...address, pid })}\n`);
}

/** The address of the running node that keeps its data in `store`, or null when none runs (or it is not ours to read). */
export function readNodeAddress(store: string): BusAddress | null {
  try {
    const { pid, ...address } = addressSpec.parse(JSON.parse(readFileSync(filesOf(store).address, 'utf8')));
    return isAlive(pid) ? address : null;
  } catch {
    return null;
  }
}

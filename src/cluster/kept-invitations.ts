/** What the inviter keeps of its invitations: enough to check one, not enough to use it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type StoreFiles, writePrivately } from '../node/index.js';

const keptSpec = z.array(
  z.strictObject({
    id: z.string(),
    key: z.string(),
    expires: z.number(),
    usedBy: z.string().nullable(),
    /** The member that goes when the new one is in. */
    replaces: z.string().optional(),
  }),
);
export type Kept = z.output<typeof keptSpec>[number];

export async function readKept(files: StoreFiles): Promise<readonly Kept[]> {
  const file = fileIn(files);
  return existsSync(file) ? keptSpec.parse(JSON.parse(await readFile(file, 'utf8'))) : [];
}

export async function writeKept(files: StoreFiles, all: readonly Kept[]): Promise<void> {
  await writePrivately(fileIn(files), `${JSON.stringify(all)}\n`);
}

function fileIn({ directory }: StoreFiles): string {
  return join(directory, 'invitations.json');
}

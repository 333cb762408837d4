/** What this member promised and accepted about the next list of members: `pact.json` in its store. See pact.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { ParleyError, reasonOf } from '../errors.js';
import { type ClusterState, checkClusterState, type StoreFiles, writePrivately } from '../node/index.js';
import type { Kept } from './pact.js';

export const ballotSpec = z.strictObject({
  count: z.int().positive(),
  by: z.string().max(200),
});
const keptSpec = z.strictObject({
  version: z.literal(1),
  revision: z.int().positive(),
  promised: ballotSpec,
  accepted: z.strictObject({ ballot: ballotSpec, list: z.unknown() }).nullable(),
});

/** Null: nothing yet. Throws CLUSTER_INVALID for a damaged file. */
export function readPact({ pact }: StoreFiles): Kept<ClusterState> | null {
  if (!existsSync(pact)) return null;
  try {
    const { revision, promised, accepted } = keptSpec.parse(JSON.parse(readFileSync(pact, 'utf8')));
    if (accepted === null) return { revision, promised, accepted };
    return { revision, promised, accepted: { ...accepted, list: checkClusterState(accepted.list, pact) } };
  } catch (error) {
    throw new ParleyError('CLUSTER_INVALID', `${pact}: ${reasonOf(error)}`, {
      fix: 'Without the file this member may agree to a second list of members: let the others remove it, then join again.',
      cause: error,
    });
  }
}

/** On disk when it resolves. */
export async function writePact({ pact }: StoreFiles, kept: Kept<ClusterState>): Promise<void> {
  await writePrivately(pact, `${JSON.stringify({ version: 1, ...kept })}\n`);
}

/** For a store that becomes a member of a cluster: what it agreed to in another one has no meaning there. */
export async function forgetPact({ pact }: StoreFiles): Promise<void> {
  await rm(pact, { force: true });
}

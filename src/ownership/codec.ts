/** Beats and ballots as JSON from the backbone: what is not of this shape is null. */
import { z } from 'zod';
import type { Ballot, Beat } from './types.js';

const name = z.string().min(1).max(256);
const epoch = z.int().min(0);

const ballotSpec = z.object({
  gateway: name,
  to: name,
  round: z.int().min(0),
  granted: z.array(name),
  refused: z.array(z.object({ network: name, epoch })),
});

const beatSpec = z.object({
  gateway: name,
  instance: name,
  voters: z.array(name).max(1000),
  labels: z.array(name).max(1000),
  away: z.boolean(),
  round: z.int().min(0),
  claims: z.array(z.object({ network: name, epoch, state: z.enum(['waits', 'asks', 'holds']) })),
  releases: z.array(z.object({ network: name, epoch, to: name.nullable(), pinned: z.boolean() })),
  ballots: z.array(ballotSpec),
});

export function parseBeat(value: unknown): Beat | null {
  return beatSpec.safeParse(value).data ?? null;
}

export function parseBallot(value: unknown): Ballot | null {
  return ballotSpec.safeParse(value).data ?? null;
}

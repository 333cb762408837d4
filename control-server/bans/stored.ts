/** What the bucket BANS holds: bans under their ids, and beside them what became of each in the channels of networks. */
import { z } from 'zod';
import { ROLES } from '../command.js';
import { parseRange } from './ip.js';
import { patternFault } from './text-pattern.js';
import type { Ban, Effect, Match } from './types.js';

/** Longer ones are nobody's name and no server's mask. */
export const MAX_GLOB_CHARS = 200;
/** What has a space could become a second word of a protocol's line. */
export const GLOB = new RegExp(`^[^\\s\\p{Cc}\\p{Cf}]{1,${MAX_GLOB_CHARS}}$`, 'u');
/**
 * Those of IRC (RFC 2812 §2.3.1), and such as no server takes for something else: no commas, nothing that begins like a
 * change of modes, a trailing parameter or an extended ban (`$a:`, `~a:`, `m:`).
 */
export const MASK = new RegExp(
  `^(?=.{5,${MAX_GLOB_CHARS}}$)[^\\s\\p{C},:$~+@!-][^\\s\\p{C},:!@]*![^\\s\\p{C},!@]+@[^\\s\\p{C},!@]+$`,
  'u',
);

const id = z.string().max(300);
const time = z.iso.datetime();
const word = z.string().max(500);

const match = z.discriminatedUnion('by', [
  z.object({ by: z.literal('author'), author: id }),
  z.object({ by: z.literal('identity'), identity: id, author: id }),
  z.object({ by: z.literal('mask'), mask: z.string().regex(MASK) }),
  z.object({ by: z.literal('ip'), range: z.string().refine((range) => parseRange(range) !== null) }),
  z.object({ by: z.literal('nick'), glob: z.string().regex(GLOB) }),
  z.object({ by: z.literal('text'), pattern: z.string().refine((text) => patternFault(text) === null) }),
]);

const ban = z.object({
  id: z.string().regex(/^[bm][0-9a-z]{5}$/),
  kind: z.enum(['ban', 'mute']),
  match,
  scope: z.object({ network: word.nullable(), room: word.nullable() }),
  reason: word,
  by: z.object({ author: id, name: word, role: z.enum(ROLES) }),
  at: time,
  until: time.nullable(),
  dryRun: z.boolean(),
  seen: z.object({ network: word, nick: word, mask: word.nullable() }).nullable(),
  lifted: z.object({ by: z.object({ author: id, name: word }), at: time, reason: word }).nullable(),
});

const effect = z.object({
  ban: z.string(),
  network: word,
  channel: word,
  mask: word,
  state: z.enum(['applied', 'failed', 'lifted']),
  why: word,
  at: time,
});

const entry = z.union([z.object({ ban }), z.object({ effect })]);

export type Entry = { readonly ban: Ban } | { readonly effect: Effect };

/** Null: no entry that this version understands. */
export function parseEntry(value: unknown): Entry | null {
  return entry.safeParse(value).data ?? null;
}

export function parseMatch(value: unknown): Match | null {
  return match.safeParse(value).data ?? null;
}

export function effectKey({
  ban: of,
  network,
  channel,
}: Pick<Effect, 'ban' | 'network' | 'channel'>): string {
  return `${of} ${network} ${channel}`;
}

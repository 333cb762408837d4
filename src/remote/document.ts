/**
 * A configuration document: channels and bans that many gateways and bots take from one place. Its text is YAML; XML says
 * the same (xml.ts).
 */
import { z } from 'zod';
import { checkText, type Fault, NAME, NAME_WORDS, patternFault } from '../config/index.js';

export const DOCUMENT_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const DOCUMENT_NAME_WORDS = '1-32 of a-z, 0-9 and "-"';
/** With its JSON it must fit a request, and a message of nats-server. */
export const MAX_TEXT_BYTES = 128 * 1024;
const MOST_CHANNELS = 2000;
const MOST_BANS = 2000;

/** XML 1.0 cannot hold control characters, and in an attribute would not keep line breaks. */
const PLAIN = /^[^\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]*$/u;

function lineField(description: string, most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .regex(PLAIN, 'expected one line without control characters')
    .meta({ description });
}

const name = (description: string) =>
  z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({ description, expected: NAME_WORDS });

const channelSpec = z.strictObject({
  network: name('Where the channel is.'),
  channel: lineField('Its address there.', 200),
  room: name('The room that it is part of.'),
  direction: z
    .enum(['in', 'out', 'both'])
    .default('both')
    .meta({ description: '`in`: heard here and said elsewhere; `out`: said here only.' }),
});

/** Without spaces, as networks have them. */
const WORD = /^\S+$/;

const banSpec = z
  .strictObject({
    kind: z.enum(['ban', 'mute']).default('ban').meta({ description: 'As the commands of that name.' }),
    by: z.enum(['author', 'mask', 'ip', 'nick', 'text']).meta({
      description:
        'What `target` is: an author id, a hostmask, addresses, a pattern of nicks, or of text (RE2).',
    }),
    target: lineField('Who or what is meant.', 200),
    network: name('Only there. Default: everywhere.').optional(),
    room: name('Only there. Default: everywhere.').optional(),
    reason: z
      .string()
      .max(200)
      .regex(PLAIN, 'expected one line')
      .default('')
      .meta({ description: 'For people.' }),
    until: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When it ends: RFC 3339, UTC. Default: with the document.' }),
  })
  .refine(({ by, target }) => by === 'text' || WORD.test(target), {
    path: ['target'],
    error: 'expected one word',
  })
  .refine(({ by, target }) => by !== 'mask' || /^[^!@]+![^!@]+@[^!@]+$/.test(target), {
    path: ['target'],
    error: 'expected nick!user@host, with * and ?',
  })
  .refine(({ by, target }) => by !== 'text' || patternFault(target) === null, {
    path: ['target'],
    error: 'expected a pattern of RE2 that is not too large',
  });

export const documentSpec = z.strictObject({
  channels: z.array(channelSpec).max(MOST_CHANNELS).default([]).meta({ description: 'Channels to be in.' }),
  bans: z.array(banSpec).max(MOST_BANS).default([]).meta({ description: 'Who is kept out.' }),
});

export type Document = z.output<typeof documentSpec>;
export type DocumentChannel = Document['channels'][number];
export type DocumentBan = Document['bans'][number];

/** Comments, at most. */
const NOTHING = /^(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))*$/;

/** Null with its faults, when it is none. An empty text is an empty document. */
export function readDocument(
  text: string,
  document: string,
): { readonly value: Document | null; readonly faults: readonly Fault[] } {
  if (NOTHING.test(text)) return { value: { channels: [], bans: [] }, faults: [] };
  return checkText(text, documentSpec, document);
}

/** The fields of `remote`: documents with channels and bans that a gateway takes from elsewhere. */
import { z } from 'zod';
import { durationField, secretField } from './fields.js';
import { isLoopback } from './listen.js';
import { NAME, NAME_WORDS } from './names.js';

const KEY_WORDS = '"ed25519:" and 44 characters, as `parley config key` prints it';
const LEAST_MS = 5_000;

export const remoteSpec = z
  .array(
    z
      .strictObject({
        name: z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({
          description: 'What it is called here: in the status, and beside what it brought.',
          expected: NAME_WORDS,
        }),
        url: z
          .url({ protocol: /^https?$/ })
          .refine(isSafe, {
            error: 'expected https, or http on this machine',
            params: { hint: 'Over http everybody on the way could change who is banned.' },
          })
          .optional()
          .meta({
            description: 'Where a Parley, or a web server, serves it as YAML or XML.',
            expected: 'an URL',
          }),
        document: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
          .optional()
          .meta({
            description: 'In place of `url`: a document of this backbone.',
            expected: 'the name of a document',
          }),
        interval: durationField('How often it is asked for.').prefault('60s'),
        token: secretField('Sent as `Authorization: Bearer`.').optional(),
        key: z
          .string()
          .regex(/^ed25519:[A-Za-z0-9+/]{43}=$/, `expected ${KEY_WORDS}`)
          .optional()
          .meta({ description: 'Only what is signed with it is taken.', expected: KEY_WORDS }),
      })
      .refine(({ url, document }) => (url === undefined) !== (document === undefined), {
        error: 'expected either `url` or `document`',
      })
      .refine(({ interval }) => interval >= LEAST_MS, {
        path: ['interval'],
        error: 'expected at least 5 s',
      }),
  )
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    error: 'expected another name for each',
  })
  .default([])
  .meta({ description: 'Channels and bans that are taken from elsewhere, beside those of this file.' });

function isSafe(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

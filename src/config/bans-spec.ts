/** The fields of `bans`. */
import { z } from 'zod';
import { NAME, NAME_WORDS } from './names.js';

const networkNames = z.array(
  z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({ description: 'A network.', expected: NAME_WORDS }),
);

export const bansSpec = z
  .strictObject({
    onNetworks: z.union([z.boolean(), networkNames]).default(false).meta({
      description:
        'Apply bans on the networks themselves, too, where we have the rights: on all, or on these. On IRC that is +b and a kick.',
    }),
    mostPercent: z.int().min(0).max(100).default(10).meta({
      description:
        'A pattern that would have hit more of what was said lately, in percent, asks for `--force`.',
    }),
  })
  .meta({ description: 'Bans and mutes.' });

/** The fields of `access`: who may do what by the file alone. */
import { z } from 'zod';

const WHO = /^\S{1,300}$/u;
const WHO_WORDS = 'an account such as "zappater@quakenet"';

export const accessSpec = z
  .strictObject({
    owners: z
      .array(
        z
          .string()
          .regex(WHO, `expected ${WHO_WORDS}`)
          .refine((text) => text.includes('@') || text.includes(':'), `expected ${WHO_WORDS}`)
          .meta({
            expected: WHO_WORDS,
            hint: 'A nick is nobody: anyone can take it. `whoami` tells the account.',
          }),
      )
      .default([])
      .meta({
        description:
          'Accounts that may do everything, as `account@network` or as `whoami` shows them. No command takes it from them.',
      }),
    channelOperators: z
      .union([z.literal(['off', false]), z.enum(['moderator', 'operator'])])
      .default('off')
      .meta({
        description:
          'Role of the operators of a channel, when logged in, for what is done to that channel. `off`: none.',
      }),
  })
  .meta({
    description: 'Who may use the privileged commands, beside those who are granted it: docs/control.md.',
  });

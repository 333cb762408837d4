/** The fields of `commands`: what people can ask Parley to do. */
import { z } from 'zod';
import { durationField } from './fields.js';
import { NAME, NAME_WORDS } from './names.js';

const PREFIX_WORDS = '1-3 of the characters ! . , ; : ~ $ % & + ? @ - _ * / \\ |';

const prefixes = z
  .array(
    z
      .string()
      .regex(/^[!.,;:~$%&+?@\-_*/\\|]{1,3}$/, `expected ${PREFIX_WORDS}`)
      .meta({ expected: PREFIX_WORDS }),
  )
  .max(5);

export const commandsSpec = z
  .strictObject({
    prefixes: prefixes.default(['!']).meta({
      description:
        'A line that begins with one of these and a command is a call: `!help`. Our nick always does: `parley: help`.',
    }),
    timeout: durationField('How long a service may take for an answer.').prefault('5s'),
    rooms: z
      .record(
        z.string().regex(NAME, `expected ${NAME_WORDS}`),
        z.strictObject({
          prefixes: prefixes.meta({ description: 'In this room, instead. `[]`: only by our nick.' }),
        }),
      )
      .default({})
      .meta({ description: 'What is otherwise in single rooms, by name.' }),
  })
  .meta({ description: 'Commands that people give in rooms, or to the bot alone. `off`: none.' });

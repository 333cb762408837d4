/** What every network may say beside its bridge's own fields, and what every room and channel may. */
import { z } from 'zod';
import { durationField } from './fields.js';
import { NAME, NAME_WORDS } from './names.js';
import { MAX_PATTERN_CHARS, MAX_PROGRAM_SIZE, patternFault } from './pattern.js';
import { didYouMean } from './suggest.js';
import { SHOWABLE } from './types.js';

const PLACEHOLDERS = ['nick', 'network', 'room', 'channel', 'bridge'] as const;
const PLACEHOLDER_WORDS = `a text with {${PLACEHOLDERS.join('}, {')}}`;

/** The first name in braces that stands for nothing, or null. */
function unknownPlaceholder(format: string): string | null {
  const names = [...format.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return names.find((name) => !PLACEHOLDERS.some((known) => known === name)) ?? null;
}

const floodSpec = z.strictObject({
  burst: z.int().min(1).max(10_000).meta({ description: 'Lines at once.' }),
  perSecond: z.number().min(0.01).max(10_000).meta({ description: 'Lines per second after that.' }),
});

const labelField = z
  .string()
  .regex(NAME, `expected ${NAME_WORDS}`)
  .meta({ description: 'A label or the name of a gateway.', expected: NAME_WORDS });

export const networkSpec = z.strictObject({
  flood: z
    .union([z.literal(['off', false]), floodSpec])
    .optional()
    .meta({
      description: 'How fast lines are said. Default: what the bridge thinks is safe. `off`: no limit.',
    }),
  maxAge: durationField('Older messages become one line that counts them.').prefault('15m'),
  maxLines: z.int().min(1).max(1000).default(20).meta({
    description: 'Lines that one message may become; the rest is counted.',
  }),
  nickFormat: z
    .string()
    .max(200)
    .superRefine((format, context) => {
      const unknown = unknownPlaceholder(format);
      if (unknown === null) return;
      const params = { hint: didYouMean(unknown, PLACEHOLDERS) };
      context.addIssue({ code: 'custom', message: `expected ${PLACEHOLDER_WORDS}`, params });
    })
    .default('<{nick}> ')
    .meta({
      description: `What stands before each line: ${PLACEHOLDER_WORDS}.`,
      expected: PLACEHOLDER_WORDS,
    }),
  colorNicks: z.boolean().default(true).meta({ description: 'Colour each nick by its name, on IRC.' }),
  prefer: z
    .union([labelField, z.array(labelField)])
    .default([])
    .meta({
      description:
        'Labels or names of the gateways that should own the network, the most wanted first; any other does while these are away.',
    }),
  breakPings: z
    .boolean()
    .default(true)
    .meta({ description: 'An invisible character inside relayed nicks, so that nobody pings themselves.' }),
});

const PATTERN_WORDS = 'an RE2 pattern';

function patternField(description: string) {
  return z
    .string()
    .min(1)
    .superRefine((pattern, context) => {
      const fault = patternFault(pattern);
      if (fault === null) return;
      const params = { hint: fault.fix };
      context.addIssue({ code: 'custom', message: `expected ${fault.expected}`, params });
    })
    .meta({
      description,
      expected: PATTERN_WORDS,
      maxLength: MAX_PATTERN_CHARS,
    });
}

const ONE_PATTERN = 'A pattern (RE2).';

const filterSpec = z
  .strictObject({
    ignoreNicks: z.array(patternField(ONE_PATTERN)).default([]).meta({
      description: 'Lines of nicks that match one of these patterns (RE2) are dropped.',
    }),
    ignoreText: z.array(patternField(ONE_PATTERN)).default([]).meta({
      description: 'Lines whose text matches one of these patterns (RE2) are dropped.',
    }),
    replace: z
      .array(
        z.strictObject({
          pattern: patternField('What to replace (RE2).'),
          with: z.string().max(1000).meta({ description: 'The text instead; `$1` is the first group.' }),
        }),
      )
      .default([])
      .meta({ description: 'Replacements in the text, in this order.' }),
  })
  .meta({
    description: `Applied to what comes in from the channel. A pattern has at most ${MAX_PATTERN_CHARS} characters and ${MAX_PROGRAM_SIZE} steps (about one per character, times the count of a repetition).`,
  });

const showField = z.array(z.enum(SHOWABLE));

/** Beside the network's name in an entry of `rooms.<room>.channels`. */
export const channelSpec = z.strictObject({
  direction: z.enum(['in', 'out', 'both']).default('both').meta({
    description: '`in`: heard here, said elsewhere. `out`: said here only. `both`.',
  }),
  filter: filterSpec.prefault({}),
  show: showField.optional().meta({ description: "Instead of the room's `show`, for this channel." }),
});

/** A room, beside its `channels`. */
export const roomSpec = z.strictObject({
  show: showField.default([]).meta({
    description: 'Which quiet events are said in the other channels. Default none.',
  }),
});

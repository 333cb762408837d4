/** The fields of the `broadcasts` section. */
import { z } from 'zod';
import { strayPlaceholder, textsSpec } from './broadcast-texts.js';
import { durationField } from './fields.js';
import { NAME, NAME_WORDS } from './names.js';
import { didYouMean } from './suggest.js';
import type { BroadcastListConfig, BroadcastsConfig, QuietHours } from './types.js';

const WORD = /^[!-,.:;=?@^_~-]{1,2}[a-z0-9][a-z0-9-]{0,30}$/;
const WORD_WORDS = 'a word with its prefix, such as ".qw": lower-case letters, digits and "-"';
const FORMAT_FIELDS = ['list', 'nick', 'channel', 'network', 'room', 'text'] as const;
const FORMAT_WORDS = `a text with {${FORMAT_FIELDS.join('}, {')}}`;
/** Commands of the control server: no list may take the place of one. */
const TAKEN = [
  ...[
    'announce',
    'audit',
    'ban',
    'bans',
    'broadcast',
    'broadcasts',
    'grant',
    'help',
    'join',
    'last',
    'leave',
  ],
  ...['link', 'more', 'mute', 'networks', 'ping', 'players', 'reconnect', 'reload', 'revoke', 'rooms', 'say'],
  ...['search', 'seen', 'servers', 'stats', 'status', 'unban', 'unmute', 'version', 'who', 'whoami'],
];

const roomField = z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({ expected: NAME_WORDS });

const TIME_WORDS = 'a time of day such as "23:00"';
function timeOfDayField(description: string) {
  return z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, `expected ${TIME_WORDS}`)
    .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
    .meta({ description, expected: TIME_WORDS });
}

const ZONE_WORDS = 'a time zone such as "Europe/Stockholm" or "UTC"';
const zoneField = z
  .string()
  .refine(isZone, `expected ${ZONE_WORDS}`)
  .meta({ description: 'Time zone (IANA) of the hours; summer time is kept to.', expected: ZONE_WORDS });

function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const hours = {
  from: timeOfDayField('Quiet from.'),
  to: timeOfDayField('Until, perhaps of the next day.'),
  zone: zoneField,
};
const differ = ({ from, to }: { readonly from: number; readonly to: number }) => from !== to;
const SAME = { path: ['to'], error: 'expected another time than `from`' };

const cooldownSpec = z
  .strictObject({
    person: durationField('Between two calls of one person, over all networks that they linked.').prefault(
      '5m',
    ),
    channel: durationField('Between two calls from one channel.').prefault('1m'),
    overall: durationField('Between any two calls.').prefault('30s'),
  })
  .meta({ description: 'How long to wait between calls. `0s`: not at all.' });

const repeatsSpec = z
  .strictObject({
    within: durationField('The same text is refused for so long, whoever says it. `0s`: never.').prefault(
      '30m',
    ),
    similarity: z.number().min(0.3).max(1).default(0.7).meta({
      description:
        'From how much alike two texts are the same, 1 being alike but for case, punctuation, accents, spaces and stretched letters.',
    }),
  })
  .meta({ description: 'When a text is refused because it was just said.' });

const listSpec = z.strictObject({
  commands: z
    .array(z.string().regex(WORD, `expected ${WORD_WORDS}`).meta({ expected: WORD_WORDS }))
    .min(1)
    .max(20)
    .meta({ description: "What calls it, each word with its own prefix, whatever the room's prefix is." }),
  about: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'What it is for: one sentence for `help`.' }),
  hear: z.array(roomField).optional().meta({ description: 'Rooms that hear it. Default: all.' }),
  call: z.array(roomField).optional().meta({
    description: 'Rooms that it may be called from. Default: those that hear it.',
  }),
  who: z.enum(['anyone', 'verified', 'voiced', 'operators']).default('anyone').meta({
    description:
      'Who may call: `verified`, those whose network vouches for their account; `voiced` and `operators`, as the channel has them.',
  }),
  permission: z
    .string()
    .regex(/^[a-z0-9.-]{1,64}$/, 'expected a permission such as "broadcast.qw"')
    .optional()
    .meta({
      description: 'A permission that callers must have besides.',
      expected: 'a permission such as "broadcast.qw"',
    }),
  minAccountAge: durationField(
    'How long the account must have been known here: since it first said something.',
  ).optional(),
  whenAgeUnknown: z.enum(['allow', 'verified', 'refuse']).default('verified').meta({
    description: 'What then, where that is not known: `verified`, those who are logged in may.',
  }),
  cooldown: cooldownSpec.prefault({}),
  repeats: repeatsSpec.prefault({}),
  maxLength: z.int().min(10).max(300).default(200).meta({
    description: 'Characters of the text; also, all of the line has at most 380 bytes in UTF-8.',
  }),
  format: z
    .string()
    .superRefine(checkFormat)
    .default('-{list}- {nick} - {channel} : {text}')
    .meta({
      description: `The line: ${FORMAT_WORDS}. It begins with {list} or a word of its own, so that nobody can imitate it.`,
      expected: FORMAT_WORDS,
    }),
  maxAge: durationField('Where it could not be said for so long, it is not said any more.').prefault('10m'),
  echo: z.boolean().default(true).meta({
    description: 'Say it in the room that it was called from, too.',
  }),
  quiet: z
    .array(z.strictObject(hours).refine(differ, SAME))
    .default([])
    .meta({ description: 'When it cannot be called.' }),
  dryRun: z.boolean().default(false).meta({
    description: 'Decide and count as ever, but tell only the caller what would be said.',
  }),
});

function checkFormat(format: string, context: z.core.$RefinementCtx<string>): void {
  const fault = formatFault(format);
  if (fault === null) return;
  const { expected, hint } = fault;
  context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { hint } });
}

function formatFault(format: string): { readonly expected: string; readonly hint: string } | null {
  const stray = strayPlaceholder(format, FORMAT_FIELDS);
  if (stray !== null) return { expected: FORMAT_WORDS, hint: didYouMean(stray, FORMAT_FIELDS) };
  if (format.split('{text}').length !== 2) return { expected: 'a text with {text} once', hint: '' };
  if (Buffer.byteLength(format) > 120) return { expected: 'at most 120 bytes of UTF-8', hint: '' };
  const head = format.split(/\{(?!list\})/)[0] ?? '';
  if (/\{list\}|[\p{L}\p{N}]{2}/u.test(head)) return null;
  const hint = 'What callers choose may not come first.';
  return { expected: 'a line that begins with {list} or a word', hint };
}

const warningsSpec = z.strictObject({
  limit: z.int().min(1).max(100).default(3).meta({
    description: 'So many refusals for calling too soon, repeating, or imitating a list are a mute.',
  }),
  within: durationField('Warnings older than this do not count.').prefault('30m'),
  mute: durationField('The first mute; each further one is twice as long.').prefault('10m'),
  longest: durationField('No mute is longer.').prefault('1d'),
  forget: durationField('After so long without a mute the next one is a first again.').prefault('7d'),
});

export const broadcastsSpec = z
  .strictObject({
    lists: z
      .record(z.string().regex(NAME, `expected ${NAME_WORDS}`), listSpec)
      .default({})
      .superRefine(refuseTaken)
      .meta({ description: 'The lists, by name.' }),
    quiet: z
      .array(
        z
          .strictObject({
            rooms: z.array(roomField).min(1).meta({ description: 'These rooms hear no list then.' }),
            ...hours,
          })
          .refine(differ, SAME),
      )
      .default([])
      .meta({ description: 'When some rooms hear no list.' }),
    warnings: z
      .union([z.literal(['off', false]), warningsSpec])
      .prefault({})
      .meta({ description: 'Warnings that add up to a mute from all lists. `off`: none.' }),
    optOut: z.enum(['operators', 'permission']).default('operators').meta({
      description:
        'Who may opt a channel out of a list: its channel operators, or only those with the permission `broadcast`.',
    }),
    language: z
      .string()
      .refine(isLanguage, 'expected a language such as "en" or "pt-BR"')
      .default('en')
      .meta({
        description: 'Of the spans of time in the texts.',
        expected: 'a language such as "en" or "pt-BR"',
      }),
    texts: textsSpec.prefault({}),
  })
  .meta({ description: 'Lists that a word in any channel calls: every room of the list hears it.' });

function isLanguage(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length === 1;
  } catch {
    return false;
  }
}

/** `.qw` is the command `qw`: no other list may have it, with whatever prefix. */
function refuseTaken(
  lists: Readonly<Record<string, { readonly commands: readonly string[] }>>,
  context: z.core.$RefinementCtx,
): void {
  const owners = new Map(TAKEN.map((name) => [name, 'the control server']));
  for (const [list, { commands }] of Object.entries(lists)) {
    for (const [index, word] of commands.entries()) {
      const name = commandOf(word);
      const owner = owners.get(name);
      owners.set(name, list);
      if (owner === undefined || owner === list) continue;
      const params = { hint: `"${name}" belongs to ${owner} already.` };
      const path = [list, 'commands', index];
      context.addIssue({ code: 'custom', message: 'expected a word of its own for each list', params, path });
    }
  }
}

/** The name of the command that a word calls: `qw` for `.qw`. */
export function commandOf(word: string): string {
  return word.replace(/^[^a-z0-9]+/, '');
}

export function broadcastsOf(parsed: z.output<typeof broadcastsSpec>): BroadcastsConfig {
  const { lists, quiet, warnings, ...rest } = parsed;
  return {
    ...rest,
    lists: Object.entries(lists).map(([name, list]) => listOf(name, list)),
    quiet: quiet.map(({ rooms, ...at }) => ({ rooms, ...hoursOf(at) })),
    warnings:
      typeof warnings === 'object'
        ? {
            limit: warnings.limit,
            withinMs: warnings.within,
            muteMs: warnings.mute,
            longestMs: warnings.longest,
            forgetMs: warnings.forget,
          }
        : null,
  };
}

function listOf(name: string, list: z.output<typeof listSpec>): BroadcastListConfig {
  const { cooldown, repeats, maxAge, minAccountAge, quiet, hear, call, about, permission, ...rest } = list;
  return {
    ...rest,
    name,
    about: about ?? null,
    hear: hear ?? null,
    call: call ?? null,
    permission: permission ?? null,
    minAccountAgeMs: minAccountAge ?? null,
    cooldown: { personMs: cooldown.person, channelMs: cooldown.channel, overallMs: cooldown.overall },
    repeats: { withinMs: repeats.within, similarity: repeats.similarity },
    maxAgeMs: maxAge,
    quiet: quiet.map(hoursOf),
  };
}

function hoursOf({ from, to, zone }: { from: number; to: number; zone: string }): QuietHours {
  return { fromMinute: from, toMinute: to, zone };
}

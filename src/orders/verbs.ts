/**
 * What operators can have done to one network: `parley.network.{network}.{verb}` over NATS, `POST
 * /v1/networks/{network}/{verb}` over HTTP, the same bodies and answers in both.
 */
import { z } from 'zod';
import { durationField } from '../config/index.js';

const channel = z.string().min(1).max(300).meta({ description: 'As the network writes it: `#quakeworld`.' });
const LONGEST_MS = 10 * 365 * 86_400_000;

const NOTHING = z.strictObject({});

/** Of each verb: what its body may have. */
export const VERBS = {
  status: NOTHING,
  names: z.strictObject({ channel }),
  join: z.strictObject({
    channel,
    room: z.string().min(1).max(64).meta({ description: 'The room that the channel becomes part of.' }),
  }),
  leave: z.strictObject({ channel }),
  reconnect: NOTHING,
  say: z.strictObject({
    channel,
    text: z
      .string()
      .min(1)
      .max(32_768)
      .regex(/[^\s\0]/, 'expected some text'),
  }),
  mute: z.strictObject({
    channel: channel.optional().meta({ description: 'Absent: the whole network.' }),
    for: durationField('How long: `2h`. Absent: until it is lifted.')
      .refine((ms) => ms > 0 && ms < LONGEST_MS, 'expected more than nothing and less than ten years')
      .optional(),
    reason: z.string().max(300).optional().meta({ description: 'For those who ask why.' }),
  }),
  unmute: z.strictObject({
    channel: channel.optional().meta({ description: 'Absent: the mute of the whole network.' }),
  }),
  drain: NOTHING,
} as const;

export type Verb = keyof typeof VERBS;
export const VERB_NAMES = Object.keys(VERBS) as readonly Verb[];

/** Those that only look: no privileged act. */
export const LOOKING: ReadonlySet<Verb> = new Set(['status', 'names']);

export type VerbBody<V extends Verb> = z.output<(typeof VERBS)[V]>;

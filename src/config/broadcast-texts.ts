/** What callers of broadcast lists are told: each text can be given in the community's own language. */
import { z } from 'zod';
import { didYouMean } from './suggest.js';

/** `{again}` and `{age}` are spans of time such as "4 min", in the words of `language`. */
const PLACEHOLDERS = [
  'age',
  'again',
  'ago',
  'found',
  'length',
  'limit',
  'line',
  'list',
  'max',
  'permission',
  'rooms',
  'warning',
  'word',
] as const;
const WORDS = `a text with {${PLACEHOLDERS.join('}, {')}}`;

export const DEFAULT_TEXTS = {
  done: 'Said in: {rooms}.',
  dryRun: 'Dry run, nothing was said. In {rooms}: {line}',
  private: '{word} tells where the call came from: say it in a channel.',
  room: '{word} cannot be called here. Call it in: {rooms}.',
  unverified:
    '{word} is for those who have logged in: log in to the services of your network, then call again.',
  voiced: '{word} is for those with voice or operator status here: ask one of them to call.',
  operators: '{word} is for channel operators: ask one of them to call.',
  permission: '{word} needs the permission {permission}: ask an owner to grant it.',
  young: '{word} needs an account that is {age} old: call again in {again}.',
  ageless:
    '{word} needs an account that is {age} old, and yours does not show its age: log in, or ask somebody else to call.',
  muted: 'You are muted from broadcasts: call again in {again}.',
  paused: '{list} is paused: call again in {again}.',
  pausedForGood: '{list} is paused until an operator resumes it: ask one.',
  optedOut:
    'This channel has opted out of {list}: its operators bring it back with "broadcast optin {list}".',
  quiet: '{list} is quiet at this hour: call again in {again}.',
  empty: 'Say what, as in: {word} 4on4, two more needed',
  long: 'Too long, {length} of at most {max}: say it shorter.',
  forged: 'That reads like a broadcast of its own: leave out "{found}".',
  repeat: 'That was said {ago} ago: say something else, or the same again in {again}.',
  person: 'You have just called: again in {again}.',
  channel: 'This channel has just called: again in {again}.',
  overall: '{list} was just called: again in {again}.',
  full: '{list} has had too many calls: again in {again}.',
  nobody: 'No room hears {list} now: call again later.',
  failed: 'It could not be said now: call again in a minute.',
  warning: 'Warning {warning} of {limit}.',
  mutedNow: 'Warning {warning} of {limit}: you are muted from broadcasts, call again in {again}.',
} as const;

export type BroadcastTexts = Readonly<Record<keyof typeof DEFAULT_TEXTS, string>>;

/** The first name in braces that is not among `known`, or null. */
export function strayPlaceholder(text: string, known: readonly string[]): string | null {
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  return names.find((name) => !known.includes(name)) ?? null;
}

function textField(byDefault: string) {
  return z
    .string()
    .min(1)
    .max(300)
    .superRefine((text, context) => {
      const stray = strayPlaceholder(text, PLACEHOLDERS);
      if (stray === null) return;
      const params = { hint: didYouMean(stray, PLACEHOLDERS) };
      context.addIssue({ code: 'custom', message: `expected ${WORDS}`, params });
    })
    .default(byDefault)
    .meta({ expected: WORDS });
}

const shape = Object.fromEntries(
  Object.entries(DEFAULT_TEXTS).map(([key, text]) => [key, textField(text)]),
) as Readonly<Record<keyof typeof DEFAULT_TEXTS, ReturnType<typeof textField>>>;

export const textsSpec = z.strictObject(shape).meta({
  description: 'What callers are told, to be given in the language of the community.',
});

/** The line of a list. Pure. */
import type { BroadcastListConfig } from '../../src/config/index.js';
import { cleanName } from './clean.js';
import { fill } from './wording.js';

/**
 * The shortest line of IRC has about 400 bytes for it: a line that had to be cut would go on in a second one, which
 * begins with whatever the caller wanted it to.
 */
export const MAX_LINE_BYTES = 380;

export interface Origin {
  readonly nick: string;
  readonly channel: string;
  readonly network: string;
  readonly room: string;
}

/** `text` is clean already. */
export function lineOf(list: BroadcastListConfig, origin: Origin, text: string): string {
  return fill(list.format, {
    list: list.name,
    nick: cleanName(origin.nick),
    channel: cleanName(origin.channel),
    network: cleanName(origin.network),
    room: cleanName(origin.room),
    text,
  });
}

/** What every line of the list begins with, however it was called: `-qw-`. */
export function headOf({ format, name }: BroadcastListConfig): string {
  const [head = ''] = format.split(/\{(?!list\})/);
  return fill(head, { list: name }).trim();
}

/** The head of a list that the text imitates, or null. Wherever it stands: a network may cut the line anywhere. */
export function imitated(text: string, lists: readonly BroadcastListConfig[]): string | null {
  const bare = squeezed(text);
  return lists.map(headOf).find((head) => bare.includes(squeezed(head))) ?? null;
}

function squeezed(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');
}

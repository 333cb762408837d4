/** Events as the page shows them: of a type that Parley does not know, nothing but the envelope can be relied on. */
import { placeOf } from './source.js';
import type { Logged } from './types.js';

/** The event, or one that says at least which type it has and where it came from. */
export function readable(event: Logged): Logged {
  if (isWhole(event.data)) return event;
  const author = { id: event.source, name: placeOf(event.source), verified: false };
  return {
    ...event,
    data: { author, text: event.type, markup: 'plain', native: { channel: '' }, replyTo: null },
  };
}

function isWhole(data: unknown): boolean {
  if (!isRecord(data)) return false;
  const { author, text } = data;
  return isRecord(author) && typeof author.name === 'string' && typeof text === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

import { ParleyError } from '../errors.js';
import { encodeToken, MAX_TEXT_BYTES, newId, type ParleyEvent } from '../message/index.js';

export interface Spoken {
  readonly room: string;
  /** Login name of who runs the command. */
  readonly user: string;
  /** Name to speak under. */
  readonly name: string;
  readonly text: string;
}

/**
 * What `parley say` puts into the room log: it came through no network, so every network of the room hears it.
 * Throws USAGE for a text that is empty or too long, and for a name that is.
 */
export function spokenEvent({ room, user, name, text }: Spoken): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: `/cli/${encodeToken(user)}`,
    type: 'chat.message',
    subject: room,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: `cli:${user}`, name: speakable(name), verified: name === user },
      text: sayable(text),
      markup: 'plain',
      native: { id: null, channel: room },
      replyTo: null,
      attachments: [],
      hops: [],
    },
  };
}

/** As long as the HTTP API lets a name be. */
const LONGEST_NAME = 64;

function speakable(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= LONGEST_NAME) return trimmed;
  throw new ParleyError(
    'USAGE',
    `Expected a name to speak under, got ${JSON.stringify(name.slice(0, 40))}.`,
    {
      fix: `Give 1 to ${LONGEST_NAME} characters after \`--as\`, or leave it out.`,
    },
  );
}

function sayable(text: string): string {
  const trimmed = text.trim();
  const bytes = Buffer.byteLength(trimmed);
  if (bytes > 0 && bytes <= MAX_TEXT_BYTES) return trimmed;
  throw new ParleyError('USAGE', bytes === 0 ? 'There is no text to say.' : `The text has ${bytes} bytes.`, {
    fix: `Give a text of 1 to ${MAX_TEXT_BYTES} bytes after the room, or \`-\` to read it from stdin.`,
  });
}

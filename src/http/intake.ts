/** From the body of a POST to the event that is said. Pure; the schemas have checked the shapes. */
import { MAX_TEXT_BYTES, type Markup, type ParleyEvent } from '../message/index.js';
import type { Grant } from './grants.js';
import { HttpProblem } from './problem.js';
import type { PostableType } from './schemas.js';

declare global {
  /** ECMAScript 2024: Node 20 has it, `lib` es2023 does not. */
  interface String {
    isWellFormed(): boolean;
    toWellFormed(): string;
  }
}

/** As the schema `message` lets it pass. */
export interface MessageBody {
  readonly text: string;
  readonly type?: PostableType;
  readonly author?: { readonly name: string };
  readonly replyTo?: string | null;
  readonly markup?: Markup;
}

/** As the schema `cloudEventIn` lets it pass. */
export interface CloudEventBody {
  readonly id: string;
  readonly source: string;
  readonly type: PostableType;
  readonly subject?: string;
  readonly data: Omit<MessageBody, 'type'>;
}

export interface Frame {
  readonly room: string;
  readonly grant: Grant;
  readonly id: string;
  /** The caller's own id of it: Idempotency-Key, or the id of the CloudEvent. */
  readonly key: string | null;
  readonly now: Date;
}

/** Throws HttpProblem TEXT_TOO_LONG. */
export function eventOf(body: MessageBody, { room, grant, id, key, now }: Frame): ParleyEvent {
  return {
    specversion: '1.0',
    id,
    source: grant.source,
    type: body.type ?? 'chat.message',
    subject: room,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: authorOf(grant, body.author?.name),
      text: checkedText(body.text),
      markup: body.markup ?? 'plain',
      native: { id: key, channel: room },
      replyTo: body.replyTo ?? null,
      attachments: [],
      hops: [],
    },
  };
}

/** Throws HttpProblem EVENT_REFUSED when the event is about another room than the path. */
export function messageOf(event: CloudEventBody, room: string): MessageBody {
  if (event.subject !== undefined && event.subject !== room)
    throw new HttpProblem('EVENT_REFUSED', `The subject of the event is not the room ${room}.`, {
      fix: 'Post it to the room that its subject names, or leave subject out.',
    });
  return { ...event.data, type: event.type };
}

/** True when both say the same: the test for a repeated Idempotency-Key. */
export function saysTheSame(one: ParleyEvent, other: ParleyEvent): boolean {
  return (
    one.subject === other.subject &&
    one.type === other.type &&
    one.source === other.source &&
    one.data.text === other.data.text &&
    one.data.markup === other.data.markup &&
    one.data.replyTo === other.data.replyTo &&
    one.data.author.id === other.data.author.id
  );
}

/** Only the token vouches for its own name; any other is what the caller claims. */
function authorOf(grant: Grant, name: string | undefined): ParleyEvent['data']['author'] {
  if (name === undefined || name === grant.name) return grant.author;
  return { id: `http:${grant.name}:${wellFormed(name)}`, name: wellFormed(name), verified: false };
}

function checkedText(text: string): string {
  // A character is at most 3 bytes for each UTF-16 unit: most texts need no counting.
  if (text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES)
    throw new HttpProblem('TEXT_TOO_LONG', `The text has more than ${MAX_TEXT_BYTES} bytes of UTF-8.`, {
      fix: 'Send it in several messages, or send a link.',
    });
  return wellFormed(text);
}

/** As the codec will store it: a repeat is compared with what the log has. */
function wellFormed(text: string): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return clean.isWellFormed() ? clean : clean.toWellFormed();
}

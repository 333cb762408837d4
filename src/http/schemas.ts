/** JSON Schemas (2020-12) of what goes in and out: they check the requests and make the OpenAPI document. */

export type Schema = Readonly<Record<string, unknown>>;

const MAX_BATCH = 500;
export const MAX_PAGE = 500;
export const DEFAULT_PAGE = 50;

/** What an HTTP caller may say; the other types happen on networks. */
export const POSTABLE_TYPES = ['chat.message', 'chat.action', 'chat.notice', 'portal.post'] as const;
export type PostableType = (typeof POSTABLE_TYPES)[number];

/** Ours have 26 characters; a plugin that writes to the log itself may make others. */
export const EVENT_ID = '^[0-9A-Za-z_-]{20,64}$';

/** At least one visible character. The limit is checked apart: schemas count characters, not bytes. */
const text: Schema = {
  type: 'string',
  minLength: 1,
  pattern: '[^\\s\\u0000]',
  description: 'UTF-8, at most 32 KB. May hold line breaks.',
};
const markup: Schema = { type: 'string', enum: ['plain', 'markdown'] };
const authorName: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: 64,
  pattern: '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$',
};
const replyTo: Schema = {
  type: 'string',
  pattern: EVENT_ID,
  description: 'Id of the event that it answers.',
};

export const message: Schema = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: {
    text,
    type: { type: 'string', enum: POSTABLE_TYPES, description: 'Default chat.message.' },
    author: {
      type: 'object',
      description: 'Who says it. Default: the token. Another name is shown as not verified.',
      required: ['name'],
      additionalProperties: false,
      properties: { name: authorName },
    },
    replyTo,
    markup: { ...markup, description: 'Markup of the text. Default plain.' },
  },
};

/** The new text of a message. */
export const edit: Schema = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text, markup: { ...markup, description: 'Markup of the text. Default plain.' } },
};

/** One message, or several in one request. Not `oneOf`: its faults would be told of both branches. */
export const messages: Schema = {
  if: { type: 'array' },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { type: 'array', minItems: 1, maxItems: MAX_BATCH, items: message },
  else: message,
};

/** CloudEvents 1.0.2 JSON format, structured mode. Attributes and data that have no place here are left out. */
export const cloudEventIn: Schema = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'data'],
  properties: {
    specversion: { type: 'string', enum: ['1.0'] },
    id: { type: 'string', minLength: 1, maxLength: 256, description: 'With source, the idempotency key.' },
    source: { type: 'string', minLength: 1, maxLength: 512, pattern: '^[\\u0021-\\u007e]+$' },
    type: { type: 'string', enum: POSTABLE_TYPES },
    subject: { type: 'string', description: 'The room of the path, or absent.' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { type: 'string', pattern: '^application/(?:[A-Za-z0-9.+-]+\\+)?json(?:\\s*;.*)?$' },
    data: {
      type: 'object',
      required: ['text'],
      properties: {
        text,
        markup,
        author: { type: 'object', required: ['name'], properties: { name: authorName } },
        replyTo: { type: ['string', 'null'], pattern: EVENT_ID },
      },
    },
  },
};

/** An event as the API gives it out. */
export const event: Schema = {
  $id: 'Event',
  type: 'object',
  description: 'CloudEvents 1.0, with the extension attribute `sequence`: the place in the log.',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data'],
  properties: {
    specversion: { type: 'string', enum: ['1.0'] },
    id: { type: 'string' },
    source: { type: 'string' },
    type: { type: 'string' },
    subject: { type: 'string', description: 'The room.' },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { type: 'string', enum: ['application/json'] },
    sequence: { type: 'string', pattern: '^[0-9]+$' },
    data: {
      type: 'object',
      required: ['author', 'text', 'markup', 'replyTo'],
      properties: {
        author: {
          type: 'object',
          required: ['id', 'name', 'verified'],
          properties: {
            id: { type: 'string' },
            name: { type: 'string' },
            verified: { type: 'boolean' },
            bot: { type: 'boolean' },
          },
        },
        text: { type: 'string' },
        markup,
        replyTo: { type: ['string', 'null'] },
      },
    },
  },
};

export const problem: Schema = {
  $id: 'Problem',
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    fix: { type: 'string', description: 'What to do next.' },
  },
};

export const roomParams: Schema = {
  type: 'object',
  required: ['room'],
  properties: { room: { type: 'string', minLength: 1, description: 'Name of the room.' } },
};

export const cursor: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: 80,
  description: 'Exclusive: a `sequence`, the id of an event in the room, or the `id` of a Server-Sent Event.',
};

const EVENT_REF = { $ref: 'Event#' };
const STORED = {
  type: 'string',
  enum: ['log', 'spool'],
  description:
    'Where it is. `spool`: on the disk of this machine, until the backbone is back; no `sequence` yet.',
};
export const accepted: Schema = {
  description: 'Stored. For an array: one result each, in order.',
  type: 'object',
  properties: {
    event: EVENT_REF,
    stored: STORED,
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['status'],
        properties: {
          status: { type: 'integer' },
          event: EVENT_REF,
          stored: STORED,
          problem: { $ref: 'Problem#' },
        },
      },
    },
  },
};

export const eventList: Schema = { description: 'Oldest first.', type: 'array', items: EVENT_REF };

/** Problem answers for the OpenAPI document, by status. */
export function problems(...statuses: readonly number[]): Readonly<Record<string, Schema>> {
  const one = {
    description: 'Problem',
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  };
  return Object.fromEntries(statuses.map((status) => [String(status), one]));
}

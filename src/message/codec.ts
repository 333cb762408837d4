/**
 * The only file that knows the wire form of an event: CloudEvents 1.0.2 JSON
 * (github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 *
 * Decoding checks and does not rebuild: attributes and data fields that Parley does not know travel on.
 */
import { ParleyError } from '../errors.js';
import { checkData } from './codec-data.js';
import type { ParleyEvent } from './event.js';

type Json = Readonly<Record<string, unknown>>;

// Visible ASCII: the id becomes a NATS header value and part of keys.
const ID = /^[\x21-\x7e]{1,64}$/;
const TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const SOURCE = /^[\x21-\x7e]{1,1024}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const MAX_SUBJECT_CHARS = 256;

const decoder = new TextDecoder('utf-8', { ignoreBOM: false });

/**
 * The event as UTF-8 JSON. Lone surrogates become U+FFFD and U+0000 is removed, in every string.
 * @throws ParleyError EVENT_INVALID
 */
export function encodeEvent(event: ParleyEvent): Uint8Array {
  const json = JSON.stringify(event);
  const repaired = mayNeedRepair(json) ? repair(json) : event;
  checkEvent(repaired as unknown);
  return Buffer.from(repaired === event ? json : JSON.stringify(repaired), 'utf8');
}

/**
 * Reads one event. Data of a type that Parley does not know is passed on as it is, whatever its shape.
 * @throws ParleyError EVENT_INVALID naming the first attribute that is wrong
 */
export function decodeEvent(bytes: Uint8Array): ParleyEvent {
  const json = decoder.decode(bytes);
  const event = parse(json);
  checkEvent(event);
  return event;
}

/** @throws ParleyError EVENT_INVALID naming the first attribute that is wrong */
function checkEvent(value: unknown): asserts value is ParleyEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ParleyError('EVENT_INVALID', 'event: expected a JSON object');
  }
  const event = value as Json;
  if (event.specversion !== '1.0') fail('specversion', '"1.0"', event.specversion);
  expectMatch(event, 'id', ID, '1 to 64 visible ASCII characters');
  expectMatch(event, 'source', SOURCE, 'a URI reference');
  expectMatch(event, 'type', TYPE, 'a dotted name such as "chat.message"');
  expectMatch(event, 'time', TIME, 'an RFC 3339 time');
  checkSubject(event.subject);
  if (event.datacontenttype !== 'application/json') {
    fail('datacontenttype', '"application/json"', event.datacontenttype);
  }
  if (event.origin !== undefined) expectMatch(event, 'origin', ID, '1 to 64 visible ASCII characters');
  if (event.expirytime !== undefined) expectMatch(event, 'expirytime', TIME, 'an RFC 3339 time');
  checkData(event.type as string, event.data, fail);
}

function parse(json: string): unknown {
  try {
    return mayNeedRepair(json) ? repair(json) : JSON.parse(json);
  } catch (cause) {
    throw new ParleyError('EVENT_INVALID', 'event: expected JSON', { cause });
  }
}

/** Both faults can only be written as `\u` escapes in valid JSON: one search finds that there is nothing to do. */
function mayNeedRepair(json: string): boolean {
  return json.includes('\\u');
}

function repair(json: string): unknown {
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? repairText(value) : value));
}

function repairText(text: string): string {
  return /[\0\ud800-\udfff]/.test(text)
    ? text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
    : text;
}

function expectMatch(event: Json, attribute: string, pattern: RegExp, expected: string): void {
  const value = event[attribute];
  if (typeof value !== 'string' || !pattern.test(value)) fail(attribute, expected, value);
}

function checkSubject(subject: unknown): void {
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT_CHARS) {
    fail('subject', `the name of a room, 1 to ${MAX_SUBJECT_CHARS} characters`, subject);
  }
}

function fail(attribute: string, expected: string, got: unknown): never {
  const shown = got === undefined ? 'nothing' : (JSON.stringify(got) ?? String(got)).slice(0, 80);
  throw new ParleyError('EVENT_INVALID', `event.${attribute}: expected ${expected}, got ${shown}`, {
    fix: 'Correct that attribute and send the event again.',
  });
}

/** Which data each known event type needs: one line per type. */
import { type EventType, MAX_TEXT_BYTES } from './event.js';
import { byteLength } from './utf8.js';

/** Throws for the attribute that is wrong. */
export type Fail = (attribute: string, expected: string, got: unknown) => never;
type Check = (data: Json, fail: Fail) => void;
type Json = Readonly<Record<string, unknown>>;

/** What a type needs beyond what every type has. */
const CHECKS: Readonly<Record<EventType, Check>> = {
  'chat.message': always,
  'chat.action': always,
  'chat.notice': always,
  'chat.edit': always,
  'chat.delete': always,
  'chat.reaction': needsText,
  'chat.typing': always,
  'member.join': always,
  'member.leave': mayQuit,
  'member.nick': needsTarget,
  'member.kick': needsTarget,
  'member.ban': needsTarget,
  'room.topic': always,
  'game.match.start': always,
  'game.match.end': always,
  'game.player.join': always,
  'game.player.leave': always,
  'game.frag': always,
  'game.map': always,
  'game.server.up': always,
  'game.server.down': always,
  'game.score': always,
  'command.call': always,
  'command.reply': always,
  'portal.post': always,
  'sys.netsplit': always,
  'sys.digest': always,
  'sys.canary': always,
};
const BY_TYPE: ReadonlyMap<string, Check> = new Map(Object.entries(CHECKS));

/** True for the types whose data is `EventData`; of any other nothing is known but the envelope. */
export function isKnownType(type: string): type is EventType {
  return BY_TYPE.has(type);
}

/** Data of an unknown type is not looked at. */
export function checkData(type: string, data: unknown, fail: Fail): void {
  const check = BY_TYPE.get(type);
  if (check === undefined) return;
  if (!isObject(data)) fail('data', 'an object', data);
  const fields = data as Json;
  checkAuthor(fields.author, fail);
  checkText(fields, fail);
  checkNative(fields.native, fail);
  if (fields.replyTo !== null && typeof fields.replyTo !== 'string') {
    fail('data.replyTo', 'an event id or null', fields.replyTo);
  }
  if (!Array.isArray(fields.attachments)) fail('data.attachments', 'a list', fields.attachments);
  for (const attachment of fields.attachments as readonly unknown[]) checkAttachment(attachment, fail);
  checkNames('data.hops', fields.hops, 'a list of names', fail);
  if (fields.notIn !== undefined) checkNames('data.notIn', fields.notIn, 'a list of sources', fail);
  check(fields, fail);
}

function checkAuthor(author: unknown, fail: Fail): void {
  if (!isObject(author)) fail('data.author', 'an object', author);
  const { id, name, verified, bot } = author as Json;
  if (typeof id !== 'string' || id === '') fail('data.author.id', 'text', id);
  if (typeof name !== 'string') fail('data.author.name', 'text', name);
  if (typeof verified !== 'boolean') fail('data.author.verified', 'true or false', verified);
  if (bot !== undefined && typeof bot !== 'boolean') fail('data.author.bot', 'true or false', bot);
}

function checkText(data: Json, fail: Fail): void {
  const { text, markup } = data;
  if (typeof text !== 'string') fail('data.text', 'text', text);
  const body = text as string;
  if (body.length * 3 > MAX_TEXT_BYTES && byteLength(body) > MAX_TEXT_BYTES) {
    fail('data.text', `at most ${MAX_TEXT_BYTES} bytes of UTF-8`, byteLength(body));
  }
  if (markup !== 'plain' && markup !== 'markdown') fail('data.markup', '"plain" or "markdown"', markup);
}

function checkNative(native: unknown, fail: Fail): void {
  if (!isObject(native)) fail('data.native', 'an object', native);
  const { id, channel } = native as Json;
  if (id !== null && typeof id !== 'string') fail('data.native.id', 'text or null', id);
  if (typeof channel !== 'string') fail('data.native.channel', 'text', channel);
}

function checkAttachment(attachment: unknown, fail: Fail): void {
  const url = isObject(attachment) ? attachment.url : undefined;
  if (typeof url !== 'string') fail('data.attachments', 'objects with a url', attachment);
}

function checkNames(attribute: string, names: unknown, expected: string, fail: Fail): void {
  if (!Array.isArray(names)) fail(attribute, expected, names);
  for (const name of names as readonly unknown[]) {
    if (typeof name !== 'string') fail(attribute, expected, names);
  }
}

function always(): void {}

function needsText({ text }: Json, fail: Fail): void {
  if (text === '') fail('data.text', 'the reaction', text);
}

function needsTarget({ target }: Json, fail: Fail): void {
  if (typeof target !== 'string' || target === '') fail('data.target', 'a nick', target);
}

function mayQuit({ quit }: Json, fail: Fail): void {
  if (quit !== undefined && typeof quit !== 'boolean') fail('data.quit', 'true or false', quit);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import test from 'ava';
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { ParleyError } from '../../src/errors.js';
import {
  decodeEvent,
  EVENT_TYPES,
  encodeEvent,
  isKnownType,
  MAX_TEXT_BYTES,
  type ParleyEvent,
} from '../../src/message/index.js';
import { eventOf } from './events.js';

function bytesOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function faultOf(value: unknown): string {
  try {
    decodeEvent(bytesOf(value));
  } catch (error) {
    return error instanceof ParleyError && error.code === 'EVENT_INVALID' ? error.message : `other: ${error}`;
  }
  return 'none';
}

test('codec - what was encoded is decoded as it was', (t) => {
  const event = { ...eventOf(), origin: 'abc' };
  t.deepEqual(decodeEvent(encodeEvent(event)), event);
});

test('codec - an expiry is a time, and what an event is left out of are names', (t) => {
  const event = { ...eventOf('command.reply', { notIn: ['/networks/a/channels/b'] }) };
  const expiring = { ...event, expirytime: '2026-11-20T20:52:00.000Z' };
  t.deepEqual(decodeEvent(encodeEvent(expiring)), expiring);
  t.regex(faultOf({ ...event, expirytime: 'soon' }), /event\.expirytime: expected an RFC 3339 time/);
  t.regex(faultOf({ ...event, data: { ...event.data, notIn: 'b' } }), /event\.data\.notIn: expected a list/);
});

test('codec - the CloudEvents SDK reads and validates every known type', (t) => {
  for (const type of EVENT_TYPES) {
    const event = { ...eventOf(type, { target: 'nick' }), origin: 'abc' };
    const headers = { 'content-type': 'application/cloudevents+json' };
    const read = HTTP.toEvent({
      headers,
      body: Buffer.from(encodeEvent(event)).toString(),
    }) as CloudEvent<unknown>;
    t.true(read.validate());
    t.is(read.id, event.id);
    t.is(read.origin, 'abc');
    t.deepEqual(read.data, event.data);
  }
});

test('codec - an event that the CloudEvents SDK made is decoded', (t) => {
  const { specversion: _, ...attributes } = eventOf();
  const made = new CloudEvent({ ...attributes });
  t.is(decodeEvent(bytesOf(made)).data.text, attributes.data.text);
});

test('codec - an unknown type travels untouched, with unknown attributes', (t) => {
  const event = { ...eventOf('quake.demo.recorded'), data: { demo: 'x.mvd', size: 3 }, vendor: 'abc' };
  const decoded: unknown = decodeEvent(bytesOf(event));
  t.deepEqual(decoded, event);
  t.false(isKnownType('quake.demo.recorded'));
  t.deepEqual(decodeEvent(encodeEvent(decoded as ParleyEvent)) as unknown, event);
});

test('codec - unknown data fields of a known type travel on', (t) => {
  const event = eventOf();
  const extended = { ...event, data: { ...event.data, colour: 'red' } };
  t.deepEqual(decodeEvent(bytesOf(extended)) as unknown, extended);
});

const { data: good, ...envelope } = eventOf();
const wrong: readonly (readonly [string, unknown])[] = [
  ['event: expected a JSON object', []],
  ['event.specversion', { ...envelope, data: good, specversion: '0.3' }],
  ['event.id', { ...envelope, data: good, id: '' }],
  ['event.id', { ...envelope, data: good, id: 'a\r\nNats-Rollup: all' }],
  ['event.source', { ...envelope, data: good, source: 'a b' }],
  ['event.type', { ...envelope, data: good, type: 'chat message' }],
  ['event.subject', { ...envelope, data: good, subject: '' }],
  ['event.time', { ...envelope, data: good, time: 'yesterday' }],
  ['event.datacontenttype', { ...envelope, data: good, datacontenttype: 'text/xml' }],
  ['event.origin', { ...envelope, data: good, origin: 7 }],
  ['event.data: expected an object', { ...envelope }],
  ['event.data.author:', { ...envelope, data: { ...good, author: 'zap' } }],
  ['event.data.author.id', { ...envelope, data: { ...good, author: { ...good.author, id: '' } } }],
  ['event.data.author.name', { ...envelope, data: { ...good, author: { ...good.author, name: 7 } } }],
  ['event.data.author.verified', { ...envelope, data: { ...good, author: { ...good.author, verified: 1 } } }],
  ['event.data.author.bot', { ...envelope, data: { ...good, author: { ...good.author, bot: 1 } } }],
  ['event.data.text', { ...envelope, data: { ...good, text: null } }],
  ['event.data.text', { ...envelope, data: { ...good, text: 'x'.repeat(MAX_TEXT_BYTES + 1) } }],
  ['event.data.markup', { ...envelope, data: { ...good, markup: 'html' } }],
  ['event.data.native:', { ...envelope, data: { ...good, native: null } }],
  ['event.data.native.id', { ...envelope, data: { ...good, native: { id: 1, channel: '#qw' } } }],
  ['event.data.native.channel', { ...envelope, data: { ...good, native: { id: null } } }],
  ['event.data.replyTo', { ...envelope, data: { ...good, replyTo: 1 } }],
  ['event.data.attachments', { ...envelope, data: { ...good, attachments: {} } }],
  ['event.data.attachments', { ...envelope, data: { ...good, attachments: [{ name: 'a' }] } }],
  ['event.data.hops', { ...envelope, data: { ...good, hops: 'quakenet' } }],
  ['event.data.hops', { ...envelope, data: { ...good, hops: [1] } }],
  ['event.data.target', { ...envelope, type: 'member.kick', data: good }],
  ['event.data.quit', { ...envelope, type: 'member.leave', data: { ...good, quit: 'yes' } }],
];
for (const [index, [message, event]] of wrong.entries()) {
  test(`codec - fault ${index} is refused naming ${message}`, (t) => {
    t.true(faultOf(event).startsWith(message), faultOf(event));
  });
}

test('codec - bytes that are no JSON are refused', (t) => {
  t.throws(() => decodeEvent(Buffer.from('{"a":')), { code: 'EVENT_INVALID' });
});

test('codec - encoding refuses what decoding would refuse', (t) => {
  t.throws(() => encodeEvent(eventOf('chat.message', { text: 'é'.repeat(MAX_TEXT_BYTES / 2 + 1) })), {
    code: 'EVENT_INVALID',
  });
});

test('codec - lone surrogates are repaired and NUL is removed, both ways', (t) => {
  const broken = eventOf('chat.message', {
    text: 'a\ud83db\0c\udc00 😀',
    author: { id: 'x', name: '\ud800', verified: false },
  });
  for (const event of [decodeEvent(encodeEvent(broken)), decodeEvent(bytesOf(broken))]) {
    t.is(event.data.text, 'a\ufffdbc\ufffd 😀');
    t.is(event.data.author.name, '\ufffd');
  }
});

test('codec - text of any kind survives, less NUL', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      t.is(decodeEvent(encodeEvent(eventOf('chat.message', { text }))).data.text, text.replaceAll('\0', ''));
    }),
  );
});

test('codec - decoding arbitrary JSON throws nothing but EVENT_INVALID', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ specversion: fc.constant('1.0'), data: fc.jsonValue() })),
      (value) => {
        t.true(faultOf(value).startsWith('event'));
      },
    ),
  );
});

import test from 'ava';
import type { NetworkEvent } from '../../src/bridge.js';
import { byteLength, encodeEvent, idTimeMs, MAX_TEXT_BYTES } from '../../src/message/index.js';
import { type IngressContext, toEvents } from '../../src/routing/index.js';

const CONTEXT: IngressContext = { network: 'quakenet', rooms: ['qw'], now: Date.UTC(2026, 10, 20, 20, 42) };
const LINE: NetworkEvent = {
  type: 'chat.message',
  channel: '#qw',
  author: { id: 'irc:quakenet:nick:zap', name: 'zap', verified: false },
  text: 'hello',
};

test('ingress - a line becomes one event of its room', (t) => {
  const [event, ...others] = toEvents(LINE, CONTEXT);
  t.deepEqual(others, []);
  t.like(event, {
    specversion: '1.0',
    source: '/networks/quakenet/channels/=23qw',
    type: 'chat.message',
    subject: 'qw',
    time: '2026-11-20T20:42:00.000Z',
  });
  t.is(event?.origin, undefined);
  t.deepEqual(event?.data, {
    author: LINE.author,
    text: 'hello',
    markup: 'plain',
    native: { id: null, channel: '#qw' },
    replyTo: null,
    attachments: [],
    hops: ['quakenet'],
  });
});

test('ingress - every room that hears the channel gets its copy, and all share the origin', (t) => {
  const events = toEvents({ ...LINE, nativeId: 'm1' }, { ...CONTEXT, rooms: ['one', 'two'] });
  t.deepEqual(
    events.map((event) => event.subject),
    ['one', 'two'],
  );
  t.is(new Set(events.map((event) => event.id)).size, 2);
  t.is(new Set(events.map((event) => event.origin)).size, 1);
  t.not(events[0]?.origin, undefined);
  t.deepEqual(toEvents(LINE, { ...CONTEXT, rooms: [] }), []);
});

test('ingress - a replayed line has the same id, whenever it comes', (t) => {
  const line = { ...LINE, nativeId: 'm1', time: new Date(1_700_000_000_000) };
  const first = toEvents(line, { ...CONTEXT, rooms: ['one', 'two'] });
  const again = toEvents(line, { ...CONTEXT, rooms: ['one', 'two'], now: CONTEXT.now + 5000 });
  t.deepEqual(again, first);
  t.is(idTimeMs(first[0]?.id ?? ''), 1_700_000_000_000);
});

test('ingress - without a native id each line has a new id', (t) => {
  t.not(toEvents(LINE, CONTEXT)[0]?.id, toEvents(LINE, CONTEXT)[0]?.id);
});

test('ingress - a clock that makes no sense is not believed', (t) => {
  for (const time of [new Date(Number.NaN), new Date(-1), new Date(8.64e15)]) {
    const [event] = toEvents({ ...LINE, time, nativeId: 'x' }, CONTEXT);
    t.is(event?.time, '2026-11-20T20:42:00.000Z');
    t.is(event?.id.slice(0, 10), '0000000000');
  }
});

test('ingress - markup becomes the markup of the core', (t) => {
  t.like(toEvents({ ...LINE, text: '\x02hi\x02', markup: 'irc' }, CONTEXT)[0]?.data, {
    text: '**hi**',
    markup: 'markdown',
  });
  t.like(toEvents({ ...LINE, text: 'a\r\nb\0' }, CONTEXT)[0]?.data, { text: 'a\nb', markup: 'plain' });
});

test('ingress - text beyond the limit is cut and says so', (t) => {
  const [event] = toEvents({ ...LINE, text: 'é'.repeat(MAX_TEXT_BYTES) }, CONTEXT);
  t.true(event?.data.text.endsWith('é…'));
  t.true(byteLength(event?.data.text ?? '') <= MAX_TEXT_BYTES);
});

test('ingress - a name is one line without control characters', (t) => {
  const author = { ...LINE.author, name: 'za\r\np\x02\u202e' };
  t.is(toEvents({ ...LINE, author }, CONTEXT)[0]?.data.author.name, 'za p');
});

test('ingress - the message that is answered is looked up per room', (t) => {
  const eventIdOf = (nativeId: string, room: string) => (room === 'two' ? null : `${nativeId}@${room}`);
  const events = toEvents({ ...LINE, replyTo: 'm0' }, { ...CONTEXT, rooms: ['one', 'two'], eventIdOf });
  t.deepEqual(
    events.map((event) => event.data.replyTo),
    ['m0@one', null],
  );
});

test('ingress - what comes out can be encoded, details included', (t) => {
  const kicked: NetworkEvent = { ...LINE, type: 'member.kick', target: 'bob', text: 'spam' };
  const left: NetworkEvent = { ...LINE, type: 'member.leave', quit: true };
  for (const event of [kicked, left].flatMap((line) => toEvents(line, CONTEXT)))
    t.notThrows(() => encodeEvent(event));
  t.is(toEvents(kicked, CONTEXT)[0]?.data.target, 'bob');
  t.true(toEvents(left, CONTEXT)[0]?.data.quit);
});

import test from 'ava';
import fc from 'fast-check';
import { byteLength, EVENT_TYPES, type EventData, type ParleyEvent } from '../../src/message/index.js';
import { digestText, render } from '../../src/routing/index.js';
import { eventOf } from '../message/events.js';
import { type TargetOptions, targetOf } from './rooms.js';

const ZAP = { id: 'irc:quakenet:nick:zap', name: 'zap', verified: false };

function partsOf(event: ParleyEvent, options: TargetOptions = {}): readonly string[] {
  return render(event, targetOf(options))?.parts ?? [];
}

function lineOf(type: string, data: Partial<EventData> = {}, options: TargetOptions = {}): string {
  return partsOf(eventOf(type, { author: ZAP, text: '', ...data }), options).join(' / ');
}

test('render - a message begins with who said it', (t) => {
  t.is(lineOf('chat.message', { text: 'hello' }), '<zap> hello');
});

test('render - the nick format knows network, room, channel and bridge', (t) => {
  const nickFormat = '[{network}|{room}|{channel}|{bridge}] {nick}: ';
  t.is(lineOf('chat.message', { text: 'hi' }, { nickFormat }), '[quakenet|quakeworld|#qw|irc] zap: hi');
});

test('render - a post over HTTP names its token as the network', (t) => {
  const event = { ...eventOf('chat.message', { author: ZAP, text: 'hi' }), source: '/http/portal' };
  t.deepEqual(partsOf(event, { nickFormat: '{nick}@{network} ' }), ['zap@portal hi']);
});

test('render - an action reads as IRC clients show it, whatever the nick format', (t) => {
  const action = (nickFormat: string) => lineOf('chat.action', { text: 'waves' }, { nickFormat });
  t.is(action('<{nick}> '), '* zap waves');
  t.is(action('[{network}] <{nick}> '), '[quakenet] * zap waves');
  t.is(action('<{nick}@{network}> '), '* zap@quakenet waves');
  t.is(action('{nick}: '), '* zap waves');
  t.is(render(eventOf('chat.action'), targetOf())?.type, 'chat.message');
});

test('render - a notice stays a notice', (t) => {
  t.is(render(eventOf('chat.notice'), targetOf())?.type, 'chat.notice');
});

test('render - an edit says so', (t) => {
  t.is(lineOf('chat.edit', { text: 'hello' }), '<zap> hello (edited)');
});

const quiet: readonly (readonly [string, Partial<EventData>, string])[] = [
  ['member.join', {}, '→ zap joined #qw'],
  ['member.leave', {}, '← zap left'],
  ['member.leave', { text: 'bye' }, '← zap left (bye)'],
  ['member.leave', { text: 'ping\ntimeout', quit: true }, '← zap quit (ping timeout)'],
  ['member.nick', { target: 'zip' }, 'zap is now known as zip'],
  ['member.kick', { target: 'bob', text: 'spam' }, '← bob was kicked by zap (spam)'],
  ['member.ban', { target: 'bob' }, 'bob was banned by zap'],
  ['room.topic', { text: 'new topic' }, 'zap set the topic: new topic'],
  ['room.topic', {}, 'zap cleared the topic'],
  ['chat.delete', {}, 'zap deleted a message'],
  ['sys.netsplit', { text: 'a.b c.d' }, '← netsplit: a.b c.d'],
  ['sys.digest', { text: '3 older messages' }, '3 older messages'],
  ['game.map', { text: 'next map: dm3' }, '<zap> next map: dm3'],
  ['portal.post', { text: 'News' }, '<zap> News'],
  ['command.reply', { text: 'pong' }, 'pong'],
];
for (const [index, [type, data, line]] of quiet.entries()) {
  test(`render - ${type} reads "${line}" (${index})`, (t) => {
    t.is(lineOf(type, data), line);
  });
}

test('render - what has no words says nothing', (t) => {
  for (const type of ['chat.typing', 'chat.reaction', 'command.call', 'quake.demo'])
    t.is(render(eventOf(type), targetOf()), null);
  t.is(render(eventOf('chat.message', { text: ' \n ' }), targetOf()), null);
  t.is(render({ ...eventOf('quake.demo'), data: null } as unknown as ParleyEvent, targetOf()), null);
});

test('render - attachments follow as links, unless the text has them', (t) => {
  const attachments = [{ url: 'https://x.org/a_b.png' }, { url: 'https://x.org/c' }];
  t.is(
    lineOf('chat.message', { text: 'see https://x.org/c', attachments }),
    '<zap> see https://x.org/c https://x.org/a_b.png',
  );
  t.is(
    lineOf('chat.message', { attachments }, { markup: 'markdown' }),
    '<zap> https://x.org/a_b.png https://x.org/c',
  );
});

test('render - nicks are coloured on IRC, the same nick always the same', (t) => {
  const coloured = lineOf('chat.message', { text: '1' }, { colorNicks: true });
  t.regex(coloured, /^<\x03\d\dzap\x0f> 1$/);
  t.is(lineOf('chat.message', { text: '1' }, { colorNicks: true }), coloured);
  t.is(lineOf('chat.message', { text: '1' }, { colorNicks: true, markup: 'markdown' }), '<zap> 1');
});

test('render - a nick of comma and digits keeps them behind its colour', (t) => {
  const author = { ...ZAP, name: ',5x' };
  t.regex(
    lineOf('chat.message', { author, text: '1' }, { colorNicks: true }),
    /^<\x03\d\d\x02\x02,5x\x0f> 1$/,
  );
});

test('render - a zero-width space behind the first grapheme keeps nicks from pinging', (t) => {
  t.is(lineOf('chat.message', { text: 'zap' }, { breakPings: true }), '<z\u200bap> zap');
  const author = { ...ZAP, name: '👨‍👩‍👧x' };
  t.is(lineOf('chat.message', { author, text: '1' }, { breakPings: true }), '<👨‍👩‍👧\u200bx> 1');
  t.is(lineOf('member.nick', { target: 'zip' }, { breakPings: true }), 'z\u200bap is now known as z\u200bip');
});

test('render - a hostile nick is one short plain line', (t) => {
  const named = (name: string, options: TargetOptions = {}) =>
    lineOf('chat.message', { author: { ...ZAP, name }, text: 'x' }, options);
  t.is(named('a\r\nQUIT :b\0\x02\x0304\x01'), '<a QUIT :b04> x');
  t.is(named('n'.repeat(500)), `<${'n'.repeat(64)}> x`);
  t.is(named('\u200b \u202e'), '<?> x');
  t.is(named('*_@everyone_*', { markup: 'markdown' }), '<\\*\\_@\u200beveryone\\_\\*> x');
});

test('render - mentions are harmless on markdown and untouched on IRC', (t) => {
  const text = '@everyone <@123> @here';
  t.is(
    lineOf('chat.message', { text, markup: 'markdown' }, { markup: 'markdown' }),
    '<zap> @\u200beveryone <@\u200b123> @\u200bhere',
  );
  t.notRegex(lineOf('chat.message', { text }, { markup: 'markdown' }), /@everyone|<@1|@here/);
  t.is(lineOf('chat.message', { text }), `<zap> ${text}`);
});

test('render - formatting is carried over, and what was typed plainly stays plain', (t) => {
  t.is(lineOf('chat.message', { text: '**b** \\*', markup: 'markdown' }), '<zap> \x02b\x02 *');
  t.is(lineOf('chat.message', { text: '**b**' }), '<zap> **b**');
  t.is(lineOf('chat.message', { text: '**b**' }, { markup: 'markdown' }), '<zap> \\*\\*b\\*\\*');
});

test('render - each line of a paste begins with who said it, up to the limit', (t) => {
  const text = Array.from({ length: 10 }, (_, i) => `line ${i + 1}`).join('\n');
  const event = eventOf('chat.message', { author: ZAP, text });
  t.deepEqual(
    partsOf(event, { maxLines: 10 }),
    text.split('\n').map((line) => `<zap> ${line}`),
  );
  t.deepEqual(partsOf(event, { maxLines: 2 }), ['<zap> line 1', '<zap> line 2 … (8 more lines)']);
  t.deepEqual(partsOf(event, { multiline: true }), [`<zap> ${text}`]);
});

test('render - one line left out is not called lines', (t) => {
  t.is(lineOf('chat.message', { text: 'a\nb' }, { maxLines: 1 }), '<zap> a … (1 more line)');
});

test('render - a multi-line action names its speaker on each line', (t) => {
  t.is(lineOf('chat.action', { text: 'waves\nand leaves' }), '* zap waves / * zap and leaves');
});

test('render - a format longer than the message leaves room for the text', (t) => {
  const parts = partsOf(eventOf('chat.message', { author: ZAP, text: 'hello' }), {
    nickFormat: `${'x'.repeat(300)}{nick}`,
    maxBytes: 128,
  });
  t.is(parts.length, 1);
  t.true(parts[0]?.endsWith('hello') && byteLength(parts[0]) <= 128);
});

test('render - two networks with different formats do not share a prefix', (t) => {
  t.is(lineOf('chat.message', { text: 'x' }, { nickFormat: '({nick}) ' }), '(zap) x');
  t.is(lineOf('chat.message', { text: 'x' }, { nickFormat: '{nick}: ' }), 'zap: x');
});

test('render - any event makes parts that fit, in one line, with known codes only', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 600 });
  const data = fc.record({
    text,
    target: text,
    markup: fc.constantFrom<'plain' | 'markdown'>('plain', 'markdown'),
  });
  const options = fc.record({
    markup: fc.constantFrom<'irc' | 'markdown' | 'plain'>('irc', 'markdown', 'plain'),
    maxBytes: fc.integer({ min: 200, max: 400 }),
    colorNicks: fc.boolean(),
    breakPings: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.constantFrom(...EVENT_TYPES), data, text, options, (type, fields, name, target) => {
      for (const part of partsOf(eventOf(type, { ...fields, author: { ...ZAP, name } }), target)) {
        t.true(part !== '' && byteLength(part) <= target.maxBytes);
        t.notRegex(
          part,
          target.markup === 'irc' ? /[\0\x01\x04-\x0e\x10\x12-\x1c\x7f-\x9f]/ : /[\0-\x08\x0a-\x1f\x7f-\x9f]/,
        );
      }
    }),
  );
});

test('render - plainly typed text never adds a code', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      for (const part of partsOf(eventOf('chat.message', { text }))) t.notRegex(part, /[\0-\x1f]/);
    }),
  );
});

test('digest - counts are worded', (t) => {
  t.is(digestText(12, 3), '12 older messages from 3 rooms skipped');
  t.is(digestText(1, 1), '1 older message from 1 room skipped');
});

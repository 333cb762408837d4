import test from 'ava';
import { eventOf } from '../message/events.js';
import { ircClient, startNgircd, until } from '../peers/index.js';
import { network, said, seen, startStage, startTwoNetworks, twoNetworks, visitor } from './stage.js';

const BOLD = '\x02';
/** What a line of IRC may have, its CR LF included. */
const LINE_BYTES = 512;

test('rendering - a long formatted line is split within 512 bytes, and each part opens its codes again', async (t) => {
  const { gateway, bob } = await startTwoNetworks(t);
  const words = Array.from({ length: 200 }, (_, i) => `wörd${i}`).join(' ');
  const event = eventOf('chat.message', { text: `**${words}**`, markup: 'markdown' });
  await gateway.bus.store({ ...event, subject: 'lobby', time: new Date().toISOString() });
  await until(() => bob.heard('#b').some((text) => text.includes('wörd199')), { what: 'the last part' });
  const parts = bob.received.filter(({ command }) => command === 'PRIVMSG');
  t.true(parts.length > 2);
  for (const { raw, text } of parts) {
    t.true(Buffer.byteLength(raw) + 2 <= LINE_BYTES);
    t.regex(text, /<[^>]*> ?(\x02\x02)?\x02w/);
    t.is(text.split(BOLD).length % 2, 1, 'every code that is opened is closed');
  }
  t.is(parts.map(({ text }) => said(text).trim()).join(' '), words);
});

test('rendering - formatting said on one IRC server is the same on the other, across the split too', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  const words = Array.from({ length: 60 }, (_, i) => `w${i}`).join(' ');
  alice.say('#a', `${BOLD}${words} \x1dslanted 7 ${'x'.repeat(200)}${BOLD} plain end`);
  await bob.waitFor(/plain end/);
  const parts = bob.heard('#b');
  t.is(parts.length, 2);
  t.regex(parts[0] ?? '', /\x02w0 w1 /);
  // Slanted only: bold ended, slant goes on.
  t.regex(parts.at(-1) ?? '', /\x1d/);
  t.is(
    said(parts.join(' '))
      .replace(/<[^>]*> /, '')
      .includes(words),
    true,
  );
});

test('rendering - nicks are coloured and broken against pings, and neither where it is switched off', async (t) => {
  const plain = 'flood: off, colorNicks: false, breakPings: false';
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const body = `networks:\n${network('one', one)}${network('two', two, plain)}rooms:
  lobby: { channels: [ { one: "#a" }, { two: "#b" } ] }\n`;
  const stage = await startStage(t, body);
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  alice.say('#a', 'switched off');
  t.regex((await bob.waitFor(/switched off/)).text, /^(\x02\x02)?<alice> switched off$/);
  bob.say('#b', 'switched on');
  const { text } = await alice.waitFor(/switched on/);
  t.regex(text, /<\x03\d\d/);
  t.regex(text, /b\u200bob/);
  t.is(seen(text), '<bob> switched on');
});

test('rendering - a filter made to explode holds nothing up', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const filter = 'filter: { ignoreText: ["(a+)+$", "(a|a)*b"], ignoreNicks: ["spam.*"] }';
  const body = twoNetworks(one, two).replace('{ one: "#a" }', `{ one: "#a", ${filter} }`);
  const stage = await startStage(t, body);
  await stage.connected();
  const alice = await ircClient(t, one, { nick: 'alice' });
  const spammer = await ircClient(t, one, { nick: 'spammer' });
  const bob = await ircClient(t, two, { nick: 'bob' });
  await alice.join('#a');
  await spammer.join('#a');
  await bob.join('#b');
  spammer.say('#a', 'buy this');
  await spammer.roundtrip();
  for (let i = 0; i < 20; i++) alice.say('#a', `${'a'.repeat(400)}!`);
  alice.say('#a', 'ignored: aaa');
  alice.say('#a', 'over');
  await bob.waitFor(/over/);
  t.is(bob.heard('#b').length, 21);
});

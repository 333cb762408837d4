import test from 'ava';
import { ircClient, startInspircd, startNgircd, until } from '../../peers/index.js';
import { message, openIrc, recordingNetwork } from './network.js';

test('irc - relays both ways on ngircd', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#Quake');
  const { connection, network } = await openIrc(t, server, recordingNetwork(['#quake']));
  anna.say('#QUAKE', 'gl hf, äöü');
  const event = await network.event(({ type }) => type === 'chat.message');
  t.like(event, { channel: '#quake', text: 'gl hf, äöü' });
  t.regex(event.author.id, /^irc:libera:host:anna!~?test@/);
  t.deepEqual(await connection.deliver(message('#quake', 'you too')), { nativeId: null });
  t.is((await anna.waitFor(/PRIVMSG/)).text, '\x02\x02you too');
});

test('irc - echo-message: own lines confirm delivery with their id and are not events (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  const { connection, network } = await openIrc(t, server, recordingNetwork(['#quake']));
  const receipts = await Promise.all(
    [1, 2, 3].map((n) => connection.deliver(message('#quake', `line ${n}`))),
  );
  t.true(receipts.every(({ nativeId }) => nativeId !== null));
  t.is(new Set(receipts.map(({ nativeId }) => nativeId)).size, 3);
  anna.say('#quake', 'done');
  const event = await network.event(({ text }) => text === 'done');
  t.truthy(event.nativeId);
  t.true(event.time instanceof Date);
  t.deepEqual(network.texts(), ['done']);
  await until(() => anna.heard('#quake').length === 3, { what: 'three lines' });
  t.deepEqual(anna.heard('#quake'), ['\x02\x02line 1', '\x02\x02line 2', '\x02\x02line 3']);
});

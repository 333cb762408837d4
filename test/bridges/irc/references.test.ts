import test from 'ava';
import fc from 'fast-check';
import { DeliveryError } from '../../../src/errors.js';
import { ircClient, startInspircd, until } from '../../peers/index.js';
import { message, openIrc, openRaw, recordingNetwork } from './network.js';

const CAPS = 'message-tags echo-message labeled-response batch';

test('irc - references: a reply carries the id of its message (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna', caps: ['message-tags', 'echo-message'] });
  await anna.join('#quake');
  const { connection, network } = await openIrc(t, server, recordingNetwork(['#quake']));
  t.deepEqual(connection.abilities, { deletes: false, replies: true });
  anna.say('#quake', 'who plays?');
  const { nativeId = '' } = await network.event(({ text }) => text === 'who plays?');
  await connection.deliver(message('#quake', 'me', { replyTo: nativeId }));
  const heard = await anna.waitFor(/me$/, 15_000);
  t.is(heard.tags.get('+draft/reply'), nativeId);
  anna.send(`@+draft/reply=${heard.tags.get('msgid')} PRIVMSG #quake :fine`);
  const answer = await network.event(({ text }) => text === 'fine');
  t.is(answer.replyTo, heard.tags.get('msgid'));
});

test('irc - references: no tag where the server would not pass it on', async (t) => {
  const cases = [
    [CAPS, 'CLIENTTAGDENY=*', false],
    [CAPS, 'CLIENTTAGDENY=*,-draft/reply', true],
    [CAPS, 'CLIENTTAGDENY=typing,draft/reply', false],
    [CAPS, 'CLIENTTAGDENY=typing', true],
    [CAPS, 'CHANTYPES=#', true],
    ['echo-message', 'CHANTYPES=#', false],
  ] as const;
  for (const [caps, isupport, replies] of cases) {
    const { connection, peer, stop } = await openRaw(t, { caps, isupport }, { confirm: 'none' });
    t.is(connection.abilities?.replies, replies, isupport);
    await connection.deliver(message('#quake', 'answer', { replyTo: 'm1' }));
    const line = await peer.waitFor(/PRIVMSG/);
    t.is(line.includes('+draft/reply=m1'), replies, isupport);
    await stop();
  }
});

test('irc - references: whatever the id, it stays one tag of one line', async (t) => {
  const { connection, peer } = await openRaw(t, { caps: 'message-tags' }, { confirm: 'none' });
  const id = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc
      .array(fc.constantFrom(';', ' ', '\\', '\r', '\n', '\0', '=', ':', '@', 'x'))
      .map((all) => all.join('')),
  );
  await fc.assert(
    fc.asyncProperty(id, async (replyTo) => {
      const from = peer.received.length;
      await connection.deliver(message('#quake', 'answer', { replyTo }));
      await peer.roundtrip();
      const lines = peer.received.slice(from).filter((line) => !line.startsWith('PONG'));
      t.is(lines.length, 1);
      t.regex(lines[0] ?? '', /^(?:@\+draft\/reply=[^; ]* )?PRIVMSG #quake :(?:\x02\x02)?answer$/);
    }),
    { numRuns: 100 },
  );
});

test('irc - references: a message is removed where the server can, and refused in words where not', async (t) => {
  const { connection, peer } = await openRaw(t, {
    caps: `${CAPS} draft/message-redaction`,
    script(line, server) {
      const [, label, rest] = /^@label=(\d+) (REDACT .*)$/.exec(line) ?? [];
      if (label === undefined) return false;
      if (line.endsWith('gone'))
        server.send(`@label=${label} :raw.test FAIL REDACT UNKNOWN_MSGID #quake gone :no such message`);
      else server.send(`@label=${label} :parley!p@h ${rest}`);
      return true;
    },
  });
  t.is(connection.abilities?.deletes, true);
  const remove = (deletes: string) => connection.deliver(message('#quake', '', { deletes }));
  await remove('m1');
  t.regex(await peer.waitFor(/REDACT/), /REDACT #quake :m1$/);
  for (const id of ['gone', 'two words', '']) {
    const error = await t.throwsAsync(remove(id), { instanceOf: DeliveryError });
    t.is(error.outcome, 'rejected');
  }
  const plain = await openRaw(t, { caps: CAPS });
  const refused = plain.connection.deliver(message('#quake', '', { deletes: 'm1' }));
  t.is((await t.throwsAsync(refused, { instanceOf: DeliveryError })).outcome, 'rejected');
});

test('irc - references: what others remove is told, what we remove is not', async (t) => {
  const { network, peer } = await openRaw(t, { caps: `${CAPS} draft/message-redaction` });
  peer.send(
    ':parley!p@h REDACT #quake ours',
    ':anna!a@h REDACT #elsewhere m0',
    ':anna!a@h REDACT',
    ':anna!a@h REDACT #quake',
    ':anna!a@h REDACT #quake m1 :wrong channel',
  );
  await until(() => network.events.length > 0, { what: 'the deletion' });
  await peer.roundtrip();
  t.is(network.events.length, 1);
  t.like(network.events[0], { type: 'chat.delete', channel: '#quake', replyTo: 'm1', text: 'wrong channel' });
});

import test from 'ava';
import fc from 'fast-check';
import { DeliveryError } from '../../../src/errors.js';
import { ircClient, startInspircd, startNgircd, until } from '../../peers/index.js';
import { startRawIrc } from '../../peers/raw-irc.js';
import { message, openIrc, openRaw, recordingNetwork } from './network.js';

/** Messages as they arrive at the raw server, without the mark. */
function said(received: readonly string[]): readonly string[] {
  return received
    .filter((line) => /PRIVMSG|NOTICE/.test(line))
    .map((line) => line.replaceAll('\x02\x02', ''));
}

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof DeliveryError ? error.outcome : String(error);
}

test('irc - 512-byte line limit: a text that fills the room arrives whole (ngircd)', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']));
  const room = connection.roomFor?.('#quake', 'chat.message') ?? 0;
  const text = `${'ä'.repeat(Math.floor(room / 2) - 1)}!${'?'.repeat(room % 2)}.`;
  t.is(Buffer.byteLength(text), room);
  await connection.deliver(message('#quake', text));
  t.is((await anna.waitFor(/PRIVMSG/)).text, `\x02\x02${text}`);
});

test('irc - 512-byte line limit: an action that fills the room arrives whole (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']));
  const room = connection.roomFor?.('#quake', 'chat.action') ?? 0;
  const text = 'x'.repeat(room);
  await connection.deliver(message('#quake', text, { type: 'chat.action' }));
  t.is((await anna.waitFor(/PRIVMSG/)).text, `\x01ACTION \x02\x02${text}\x01`);
});

test('irc - 512-byte line limit: the room follows our own address and LINELEN', async (t) => {
  const { peer, connection } = await openRaw(t, { isupport: 'LINELEN=1024' });
  const room = (): number => connection.roomFor?.('#quake', 'chat.message') ?? 0;
  const mask = Buffer.byteLength('parley!parley@bot.test');
  t.is(room(), 1024 - Buffer.byteLength(`: PRIVMSG #quake :\r\n`) - mask - 6);
  const before = room();
  peer.send(':raw.test 396 parley a.much.longer.host.test :is now your displayed host');
  await peer.roundtrip();
  t.is(before - room(), 'a.much.longer.host.test'.length - 'bot.test'.length);
  peer.send(':parley!parley@a.much.longer.host.test CHGHOST relay short.test');
  await peer.roundtrip();
  t.is(before - room(), 'short.test'.length - 'bot.test'.length - ('parley'.length - 'relay'.length));
});

test('irc - Formatting across a split: what does not fit after all goes on with its codes', async (t) => {
  const { peer, connection } = await openRaw(t);
  await connection.deliver(message('#quake', `\x02\x0304${'word '.repeat(200)}`));
  const lines = said(peer.received);
  t.true(lines.length > 1);
  for (const line of lines) {
    t.true(Buffer.byteLength(`:parley!parley@bot.test ${line}\r\n`) <= 512);
    t.regex(line, /:\x02?\x0304\x02?word/);
  }
});

test('irc - CR/LF injection: no text becomes a second command', async (t) => {
  const { peer, connection } = await openRaw(t);
  await connection.deliver(message('#quake', 'a\r\nQUIT :one'));
  await connection.deliver(message('#quake', 'b\nQUIT\0', { type: 'chat.action' }));
  await connection.deliver(message('#quake', 'c\rQUIT', { type: 'chat.notice' }));
  t.deepEqual(said(peer.received), [
    'PRIVMSG #quake :a',
    'PRIVMSG #quake :QUIT :one',
    'PRIVMSG #quake :\x01ACTION b\x01',
    'PRIVMSG #quake :\x01ACTION QUIT\x01',
    'NOTICE #quake :c',
    'NOTICE #quake :QUIT',
  ]);
  t.is(await outcomeOf(connection.deliver(message('#quake\r\nQUIT', 'x'))), 'unavailable');
  t.is(await outcomeOf(connection.deliver(message('#quake', '\r\n'))), 'rejected');
});

test('irc - CR/LF injection: whatever the text, only messages to the channel leave', async (t) => {
  const { peer, connection } = await openRaw(t, {}, { confirm: 'none' });
  const piece = fc.oneof(
    fc.constantFrom('\r', '\n', '\0', '\x01', ':', ' ', 'QUIT'),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const type = fc.constantFrom('chat.message', 'chat.action', 'chat.notice');
  const from = peer.received.length;
  await fc.assert(
    fc.asyncProperty(text, type, async (value, kind) => {
      const outcome = await outcomeOf(connection.deliver(message('#quake', value, { type: kind })));
      if (outcome !== 'null') t.is(outcome, 'rejected');
      await peer.roundtrip();
    }),
    { numRuns: 150 },
  );
  const lines = peer.received.slice(from).filter((line) => !line.startsWith('PONG'));
  t.true(lines.length > 0);
  for (const line of lines) t.regex(line, /^(PRIVMSG|NOTICE) #quake :[^\r\n\0]+$/);
});

test('irc - Highlight pings: a zero-width joiner in a nick leaves as it came', async (t) => {
  const { peer, connection } = await openRaw(t);
  await connection.deliver(message('#quake', '<a\u200dnna> 👩‍👩‍👧 hi'));
  t.deepEqual(said(peer.received), ['PRIVMSG #quake :<a\u200dnna> 👩‍👩‍👧 hi']);
});

test('irc - Flood control: lines of one turn leave together, with one PING behind them', async (t) => {
  const { peer, connection } = await openRaw(t);
  const from = peer.received.length;
  await Promise.all([1, 2, 3].map((n) => connection.deliver(message('#quake', `line ${n}`))));
  t.deepEqual(
    said(peer.received.slice(from)),
    [1, 2, 3].map((n) => `PRIVMSG #quake :line ${n}`),
  );
  t.is(peer.received.filter((line) => line.startsWith('PING')).length, 1);
});

test('irc - Flood control: PONG leaves ahead of the lines that wait', async (t) => {
  const server = await startRawIrc(t);
  const recording = recordingNetwork(['#quake']);
  let answer: (() => void) | null = null;
  const network = {
    ...recording,
    receive: async () => answer?.(),
  };
  const [{ connection }, peer] = await Promise.all([openIrc(t, server, network), server.peer()]);
  answer = () => void connection.deliver(message('#quake', 'answer'));
  const from = peer.received.length;
  peer.send(':anna!a@h PRIVMSG #quake :question', 'PING :urgent');
  await peer.waitFor(/answer/);
  t.deepEqual(peer.received.slice(from, from + 2), ['PONG :urgent', 'PRIVMSG #quake :\x02\x02answer']);
});

test('irc - echo-message: labels settle exactly the line they name', async (t) => {
  const seen: string[] = [];
  const { connection } = await openRaw(t, {
    caps: 'echo-message labeled-response batch message-tags',
    script(line, peer) {
      const [, label, text] = /^@label=(\d+) PRIVMSG #quake :(.*)$/.exec(line) ?? [];
      if (label === undefined || text === undefined) return false;
      seen.push(line);
      if (text.endsWith('muted')) peer.send(`@label=${label} :raw.test 404 parley #quake :no`);
      else peer.send(`@label=${label};msgid=id-${label} :parley!p@h PRIVMSG #quake :${text}`);
      return true;
    },
  });
  const results = await Promise.all([
    connection.deliver(message('#quake', 'one')).then(({ nativeId }) => nativeId),
    outcomeOf(connection.deliver(message('#quake', 'muted'))),
    connection.deliver(message('#quake', 'three')).then(({ nativeId }) => nativeId),
  ]);
  t.deepEqual(results, ['id-1', 'rejected', 'id-3']);
  t.is(seen.length, 3);
});

test('irc - echo-message: a line that comes back changed still confirms', async (t) => {
  const { connection, network } = await openRaw(t, {
    caps: 'echo-message',
    script(line, peer) {
      if (line.startsWith('PRIVMSG')) peer.send(':parley!p@h PRIVMSG #quake :*censored*');
      return line.startsWith('PRIVMSG');
    },
  });
  t.deepEqual(await connection.deliver(message('#quake', 'rude')), { nativeId: null });
  t.deepEqual(network.events, []);
});

test('irc - echo-message: a line that is never echoed settles by the next PING', async (t) => {
  const { connection } = await openRaw(t, { caps: 'echo-message' });
  t.deepEqual(await connection.deliver(message('#quake', 'x')), { nativeId: null });
});

test('irc - confirm: a PING follows the lines and its PONG confirms them', async (t) => {
  const { peer, connection } = await openRaw(t, { script: (line) => line.startsWith('PING :parley-') });
  let settled = 0;
  const first = connection.deliver(message('#quake', 'one')).then(() => (settled += 1));
  const ping = await peer.waitFor(/^PING :parley-/);
  const second = connection.deliver(message('#quake', 'two')).then(() => (settled += 1));
  await peer.waitFor(/two/);
  t.is(settled, 0);
  t.is(peer.received.filter((line) => line.startsWith('PING')).length, 1);
  peer.send(`:raw.test PONG raw.test ${ping.slice(5)}`);
  await first;
  t.is(settled, 1);
  const next = await peer.waitFor(/^PING :parley-/);
  peer.send(`:raw.test PONG raw.test ${next.slice(5)}`);
  await second;
});

test('irc - confirm: slow lines share PINGs once a few were spent', async (t) => {
  const { peer, connection } = await openRaw(t, {}, { confirmGap: '10m' });
  for (let n = 0; n < 5; n += 1) await connection.deliver(message('#quake', `line ${n}`));
  const late = connection.deliver(message('#quake', 'late'));
  await peer.roundtrip();
  t.is(peer.received.filter((line) => line.startsWith('PING')).length, 5);
  // Eight lines within a second: the server evidently does not count them.
  await Promise.all([late, ...[6, 7, 8].map((n) => connection.deliver(message('#quake', `line ${n}`)))]);
  t.is(peer.received.filter((line) => line.startsWith('PING')).length, 6);
});

test('irc - confirm: a muted channel rejects (ngircd, PING)', async (t) => {
  const server = await startNgircd(t, { channels: { '#muted': '+m', '#open': '+n' } });
  const { connection } = await openIrc(t, server, recordingNetwork(['#muted', '#open']));
  const [muted, open] = await Promise.all([
    connection.deliver(message('#muted', 'x')).catch((error: Error) => error.message),
    connection.deliver(message('#open', 'x')),
  ]);
  t.regex(String(muted), /#muted: 404 ERR_CANNOTSENDTOCHAN/);
  t.deepEqual(open, { nativeId: null });
});

test('irc - confirm: a muted channel rejects (inspircd, echo)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  anna.send('MODE #quake +m');
  await anna.roundtrip();
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']));
  t.is(await outcomeOf(connection.deliver(message('#quake', 'x'))), 'rejected');
  anna.send('MODE #quake -m');
  await anna.roundtrip();
  t.is(await outcomeOf(connection.deliver(message('#quake', 'x'))), 'null');
});

test('irc - confirm: when fewer refusals than lines came, all of them are unknown', async (t) => {
  let lines = 0;
  const { connection } = await openRaw(t, {
    script(line, peer) {
      if (!line.startsWith('PRIVMSG')) return false;
      lines += 1;
      if (lines === 2) peer.send(':raw.test 404 parley #quake :Cannot send');
      return true;
    },
  });
  const outcomes = await Promise.all([1, 2].map(() => outcomeOf(connection.deliver(message('#quake', 'x')))));
  t.deepEqual(outcomes, ['unknown', 'unknown']);
});

for (const [numeric, name] of [
  ['408', 'ERR_NOCOLORSONCHAN'],
  ['477', 'ERR_NEEDREGGEDNICK'],
  ['489', 'ERR_SECUREONLYCHAN'],
] as const) {
  test(`irc - confirm: ${numeric} rejects with its name`, async (t) => {
    const { connection } = await openRaw(t, {
      script(line, peer) {
        if (line.startsWith('PRIVMSG')) peer.send(`:raw.test ${numeric} parley #quake :No`);
        return line.startsWith('PRIVMSG');
      },
    });
    const error = await t.throwsAsync(connection.deliver(message('#quake', 'x')), {
      instanceOf: DeliveryError,
    });
    t.is(error?.message, `#quake: ${numeric} ${name}: No`);
    t.is((error as DeliveryError).outcome, 'rejected');
  });
}

test('irc - confirm: a FAIL reply rejects', async (t) => {
  const { connection } = await openRaw(t, {
    script(line, peer) {
      if (line.startsWith('PRIVMSG')) peer.send(':raw.test FAIL PRIVMSG BLOCKED #quake :Spam');
      return line.startsWith('PRIVMSG');
    },
  });
  t.is(await outcomeOf(connection.deliver(message('#quake', 'x'))), 'rejected');
});

test('irc - confirm: a channel that refuses colours gets the line without, and the next ones too (inspircd +c)', async (t) => {
  const server = await startInspircd(t, { modules: ['blockcolor'] });
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  anna.send('MODE #quake +c');
  await anna.roundtrip();
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']));
  await connection.deliver(message('#quake', '\x0304red\x03 and \x02bold\x02'));
  await connection.deliver(message('#quake', '\x0304next\x03'));
  await until(() => anna.heard('#quake').length === 2, { what: 'two lines' });
  t.deepEqual(anna.heard('#quake'), ['\u2060\u2060red and bold', '\u2060\u2060next']);
});

test('irc - confirm: a lost connection leaves written lines unknown and refuses later ones', async (t) => {
  const { peer, connection } = await openRaw(t, { script: (line) => line.startsWith('PING') });
  const pending = outcomeOf(connection.deliver(message('#quake', 'x')));
  await peer.waitFor(/PRIVMSG/);
  const unwritten = outcomeOf(connection.deliver(message('#quake', 'y')));
  peer.destroy();
  t.is(await pending, 'unknown');
  t.not(await unwritten, 'null');
  await t.throwsAsync(connection.closed);
  t.is(await outcomeOf(connection.deliver(message('#quake', 'z'))), 'unavailable');
});

test('irc - confirm: the answer to QUIT confirms what was said last', async (t) => {
  const { peer, connection, stop } = await openRaw(t, { script: (line) => line.startsWith('PING') });
  const pending = connection.deliver(message('#quake', 'last words'));
  await peer.waitFor(/PRIVMSG/);
  await Promise.all([stop(), t.notThrowsAsync(pending)]);
  t.true(peer.received.includes('QUIT :Parley'));
});

test('irc - confirm: none takes a line for said once it is written', async (t) => {
  const { peer, connection } = await openRaw(t, {}, { confirm: 'none' });
  await connection.deliver(message('#quake', 'x'));
  await peer.roundtrip();
  t.false(peer.received.some((line) => line.startsWith('PING')));
});

test('irc - order: two hundred lines to two channels arrive in the order of the calls', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#a');
  await anna.join('#b');
  const { connection } = await openIrc(t, server, recordingNetwork(['#a', '#b']), { mark: false });
  const texts = Array.from({ length: 200 }, (_, index) => String(index));
  await Promise.all(texts.map((text, index) => connection.deliver(message(index % 2 ? '#a' : '#b', text))));
  await until(() => anna.heard().length === 200, { what: '200 lines' });
  t.deepEqual(anna.heard(), texts);
});

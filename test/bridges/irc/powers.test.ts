import test from 'ava';
import fc from 'fast-check';
import { matchesMask } from '../../../bridges/irc/banmask.js';
import { DeliveryError } from '../../../src/bridge.js';
import { ircClient, startInspircd, startNgircd } from '../../peers/index.js';
import { startRawIrc } from '../../peers/raw-irc.js';
import { message, type Opened, openIrc, openRaw, recordingNetwork } from './network.js';

/** A network of one's own: questions need not wait for each other. */
const unlimited = (channels: readonly string[]) => ({
  ...recordingNetwork(channels),
  flood: { burst: Number.POSITIVE_INFINITY, perSecond: 1 },
});

async function failureOf(promise: Promise<unknown> | undefined): Promise<string> {
  const error = await promise?.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof DeliveryError ? `${error.outcome} ${error.message}` : String(error);
}

const ban = ({ connection }: Pick<Opened, 'connection'>, mask: string) =>
  failureOf(connection.ban?.('#quake', mask, null));
const kick = ({ connection }: Pick<Opened, 'connection'>, nick: string, reason = 'bye') =>
  failureOf(connection.kick?.('#quake', nick, reason));

for (const [name, start] of [
  ['ngircd', startNgircd],
  ['inspircd', startInspircd],
] as const) {
  test(`irc - powers: with rights a ban holds, is lifted, and a kick throws out (${name})`, async (t) => {
    const server = await start(t);
    const anna = await ircClient(t, server, { nick: 'anna' });
    await anna.join('#quake');
    const bert = await ircClient(t, server, { nick: 'bert', user: 'bertuser' });
    await bert.join('#quake');
    const opened = await openIrc(t, server, unlimited(['#quake']));
    anna.send('MODE #quake +o parley');
    await anna.waitFor(/MODE #quake \+o :?parley/);
    t.is(await ban(opened, 'bert!*@*'), 'null');
    t.is(await ban(opened, 'bert!*@*'), 'null', 'it is there already');
    t.is(await kick(opened, 'BERT', 'enough\r\nQUIT'), 'null');
    t.regex((await bert.waitFor(/KICK/)).text, /^enough/);
    bert.send('JOIN #quake');
    await bert.waitFor(/ 474 /);
    const { connection } = opened;
    t.is(await failureOf(connection.unban?.('#quake', 'bert!*@*')), 'null');
    t.is(await failureOf(connection.unban?.('#quake', 'never!*@*')), 'null');
    await bert.join('#quake');
    t.is(await kick(opened, 'bert'), 'null');
    t.regex(await kick(opened, 'bert'), /^rejected #quake: 441 ERR_USERNOTINCHANNEL: /);
    t.regex(await kick(opened, 'nobody'), /^rejected #quake: 401 ERR_NOSUCHNICK: /);
  });

  test(`irc - powers: without rights it is rejected, and what is said meanwhile is not (${name})`, async (t) => {
    const server = await start(t);
    const anna = await ircClient(t, server, { nick: 'anna' });
    await anna.join('#quake');
    const opened = await openIrc(t, server, unlimited(['#quake']));
    const say = (text: string) => failureOf(opened.connection.deliver(message('#quake', text)));
    const all = await Promise.all([
      say('one'),
      ban(opened, 'bert!*@*'),
      say('two'),
      kick(opened, 'anna'),
      say('three'),
    ]);
    t.deepEqual([all[0], all[2], all[4]], ['null', 'null', 'null']);
    t.regex(all[1] ?? '', /^rejected #quake: 482 ERR_CHANOPRIVSNEEDED: /);
    t.regex(all[3] ?? '', /^rejected #quake: 482 ERR_CHANOPRIVSNEEDED: /);
    t.deepEqual(opened.network.reasons, []);
  });
}

test('irc - powers: a ban list that is full refuses (inspircd)', async (t) => {
  const server = await startInspircd(t, { extra: '<maxlist chan="*" limit="2">' });
  const opened = await openIrc(t, server, unlimited(['#quake']));
  t.is(await ban(opened, 'one!*@*'), 'null');
  t.is(await ban(opened, 'two!*@*'), 'null');
  t.regex(await ban(opened, 'three!*@*'), /^rejected #quake: 478 ERR_BANLISTFULL: /);
});

test('irc - powers: outside the channel nothing is tried', async (t) => {
  const { connection, peer } = await openRaw(t);
  const from = peer.received.length;
  for (const channel of ['#elsewhere', '#quake x', '#quake\r\nQUIT', '', 'anna']) {
    t.regex(await failureOf(connection.ban?.(channel, 'bert!*@*', null)), /^unavailable not in/);
    t.regex(await failureOf(connection.kick?.(channel, 'bert', 'bye')), /^unavailable not in/);
  }
  await peer.roundtrip();
  t.true(peer.received.slice(from).every((line) => line.startsWith('PONG')));
});

test('irc - powers: a kick that the server passes over in silence is not taken for done', async (t) => {
  const opened = await openRaw(t);
  t.is(await kick(opened, 'bert'), 'rejected #quake: bert was not kicked');
});

test('irc - powers: no ban keeps everybody or this bot out', async (t) => {
  const opened = await openRaw(t);
  for (const mask of ['*', '*!*@*', '*!?*@*', '**!*@*.*', '?*']) {
    t.regex(await ban(opened, mask), /^rejected .*would keep (everybody|this bot) out$/, mask);
  }
  for (const mask of ['parley', 'PARLEY!*@*', '*!*@bot.test', '*@BOT.*', 'p?rl*!*@*', '*!parley@*']) {
    t.regex(await ban(opened, mask), /^rejected .*would keep this bot out$/, mask);
  }
  const from = opened.peer.received.length;
  t.is(await ban(opened, '*!*@other.test'), 'null');
  t.true(opened.peer.received.slice(from).includes('MODE #quake +b *!*@other.test'));
});

test('irc - powers: whatever the mask, nick and reason, one MODE or one KICK leaves', async (t) => {
  const server = await startRawIrc(t);
  const [{ connection }, peer] = await Promise.all([
    openIrc(t, server, unlimited(['#quake'])),
    server.peer(),
  ]);
  const piece = fc.oneof(
    fc.constantFrom('\r', '\n', '\0', ':', ' ', ',', '!', '@', '*', '+', '-', 'o', 'bert', 'QUIT'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const from = peer.received.length;
  await fc.assert(
    fc.asyncProperty(text, text, async (word, reason) => {
      for (const failure of [
        await failureOf(connection.ban?.('#quake', word, null)),
        await failureOf(connection.unban?.('#quake', word)),
        await failureOf(connection.kick?.('#quake', word, reason)),
      ])
        t.regex(failure, /^(null$|rejected )/);
    }),
    { numRuns: 60 },
  );
  const lines = peer.received.slice(from).filter((line) => !/^PING :parley-ask(ed)?-\d+$/.test(line));
  t.true(lines.length > 0);
  for (const line of lines)
    t.regex(line, /^(MODE #quake [+-]b [^\s:]\S*|KICK #quake [^\s:,!@*]+ :[^\r\n\0]*)$/);
});

test('irc - powers: a mask matches as a server matches it, in steps that do not explode', (t) => {
  const glob = fc.array(fc.constantFrom('*', '?', 'a', 'b'), { maxLength: 8 }).map((all) => all.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(glob, text, (pattern, value) => {
      const plain = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      return matchesMask(pattern, value) === plain.test(value);
    }),
    { numRuns: 5000 },
  );
  t.false(matchesMask(`${'*a'.repeat(100)}b`, 'a'.repeat(200)));
});

test('irc - powers: questions wait for their turn as the flood limit asks, and too many are refused', async (t) => {
  const { connection, peer } = await openRaw(t, { script: (line) => line.startsWith('PING :parley-ask') });
  const all = Array.from({ length: 60 }, (_, index) =>
    failureOf(connection.ban?.('#quake', `bert${index}!*@*`, null)),
  );
  const refused = await Promise.race(all.slice(-1));
  t.is(refused, 'unavailable 40 questions wait already');
  await peer.waitFor(/MODE/);
  await peer.roundtrip();
  t.is(peer.received.filter((line) => line.startsWith('MODE')).length, 1, 'one at a time');
});

test('irc - powers: a lost connection leaves what was sent unknown, the rest unavailable', async (t) => {
  const { connection, peer } = await openRaw(t, { script: (line) => line.startsWith('PING') });
  const sent = failureOf(connection.ban?.('#quake', 'bert!*@*', null));
  const waiting = failureOf(connection.ban?.('#quake', 'carl!*@*', null));
  await peer.waitFor(/MODE/);
  peer.destroy();
  t.regex(await sent, /^unknown connection lost/);
  t.regex(await waiting, /^unavailable connection lost/);
  await t.throwsAsync(connection.closed);
  t.regex(await failureOf(connection.kick?.('#quake', 'bert', 'bye')), /^unavailable/);
});

import test from 'ava';
import { ircClient, startInspircd, startNgircd, startServices, until } from '../../peers/index.js';
import { openIrc, openRaw, recordingNetwork } from './network.js';

const ANNA = ':anna!ann@host.test';

for (const [name, start] of [
  ['ngircd', startNgircd],
  ['inspircd', startInspircd],
] as const) {
  test(`irc - addressed: what is said to our nick alone is heard, and is no event (${name})`, async (t) => {
    const server = await start(t);
    const anna = await ircClient(t, server, { nick: 'anna' });
    const { network } = await openIrc(t, server, recordingNetwork(['#quake']));
    anna.say('PARLEY', 'who \x02#quake\x02');
    await until(() => network.private.length > 0, { what: 'a private message' });
    t.like(network.private[0], {
      person: 'anna',
      text: 'who \x02#quake\x02',
      markup: 'irc',
      author: { name: 'anna', verified: false },
    });
    t.regex(network.private[0]?.mask ?? '', /^anna!~?test@/);
    t.deepEqual(network.texts(), []);
  });
}

test('irc - addressed: the account is known without a common channel (inspircd, atheme)', async (t) => {
  const server = await startServices(t, { accounts: { ann: 'hunter2secret' } });
  const sasl = { account: 'ann', password: 'hunter2secret' };
  const anna = await ircClient(t, server, { nick: 'anna', sasl });
  const { network } = await openIrc(t, server, recordingNetwork([]));
  anna.say('parley', 'whoami');
  await until(() => network.private.length > 0, { what: 'a private message' });
  t.deepEqual(network.private[0]?.author, { id: 'irc:libera:account:ann', name: 'anna', verified: true });
});

test('irc - addressed: a notice, a CTCP, an action and a line to others are no commands', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(
    `${ANNA} NOTICE parley :ban bert`,
    `${ANNA} PRIVMSG parley :\x01VERSION\x01`,
    `${ANNA} PRIVMSG parley :\x01ACTION bans bert\x01`,
    `${ANNA} PRIVMSG $$*.test :ban bert`,
    `${ANNA} PRIVMSG @#quake :ban bert`,
    `${ANNA} PRIVMSG #elsewhere :ban bert`,
    `${ANNA} PRIVMSG parley@raw.test :ban bert`,
    ':parley!parley@bot.test PRIVMSG parley :ban bert',
  );
  await peer.roundtrip();
  t.deepEqual(network.private, []);
});

test('irc - addressed: relays, bots to be ignored and what is nobody are not heard', async (t) => {
  const { peer, network } = await openRaw(t, {}, { ignoreBots: true });
  peer.send(
    `${ANNA} PRIVMSG parley :\x02\x02<bert> ban anna`,
    `@draft/relaymsg=other ${ANNA} PRIVMSG parley :ban anna`,
    `@bot ${ANNA} PRIVMSG parley :ban anna`,
    ':raw.test PRIVMSG parley :ban anna',
    ':localhost PRIVMSG parley :ban anna',
    ':*status!znc@znc.in PRIVMSG parley :ban anna',
    ':a,b!ann@host.test PRIVMSG parley :ban anna',
  );
  await peer.roundtrip();
  t.deepEqual(network.private, []);
  t.deepEqual(network.drops, [
    'marked',
    'relaymsg',
    'bot',
    'not-a-person',
    'not-a-person',
    'not-a-person',
    'not-a-person',
  ]);
});

test('irc - addressed: what a bouncer repeats is not heard again', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'batch server-time' });
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
  peer.send(
    `@time=${at(0)} :raw.test 001 parley :Welcome`,
    'BATCH +p znc.in/playback parley',
    `@batch=p;time=${at(5)} ${ANNA} PRIVMSG parley :from a history`,
    'BATCH -p',
    `@time=${at(-1)} ${ANNA} PRIVMSG parley :before we came`,
    `@time=${at(1)} ${ANNA} PRIVMSG parley :now`,
    `${ANNA} PRIVMSG parley :without a time`,
  );
  await peer.roundtrip();
  t.deepEqual(
    network.private.map(({ text }) => text),
    ['now', 'without a time'],
  );
  t.deepEqual(network.drops, ['playback', 'playback']);
});

test('irc - self: the name that we have is told, however it changes', async (t) => {
  const { peer, connection, network } = await openRaw(t);
  t.is(connection.self, 'parley');
  peer.send(':parley!parley@bot.test NICK relay', `${ANNA} PRIVMSG relay :hi`, `${ANNA} PRIVMSG parley :hi`);
  await peer.roundtrip();
  t.is(connection.self, 'relay');
  t.is(network.private.length, 1);
});

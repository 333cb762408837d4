import test from 'ava';
import { DeliveryError } from '../../../src/errors.js';
import { ircClient, startInspircd, startNgircd, until } from '../../peers/index.js';
import { startRawIrc } from '../../peers/raw-irc.js';
import { message, openIrc, openRaw, recordingNetwork } from './network.js';

const keyed = (address: string, key: string) => ({ address, options: { key } });

test('irc - Channel state: a channel key opens the channel (ngircd)', async (t) => {
  const server = await startNgircd(t, { channels: { '#locked': '+k secret' } });
  const network = recordingNetwork(['#open', keyed('#locked', 'secret')]);
  const { connection } = await openIrc(t, server, network);
  t.is(network.degradedNow.size, 0);
  await connection.deliver(message('#locked', 'in'));
});

test('irc - Channel state: a wrong key reaches the operator and delivery is unavailable (ngircd)', async (t) => {
  const server = await startNgircd(t, { channels: { '#locked': '+k secret' } });
  const network = recordingNetwork([keyed('#locked', 'wrong')]);
  const { connection } = await openIrc(t, server, network, { rejoin: { delay: '10m' } });
  t.regex(network.degradedNow.get('#locked') ?? '', /^475 ERR_BADCHANNELKEY: .*Give the right `key`/);
  const error = await t.throwsAsync(connection.deliver(message('#locked', 'x')), {
    instanceOf: DeliveryError,
  });
  t.is((error as DeliveryError).outcome, 'unavailable');
  t.regex(error?.message ?? '', /not in #locked: 475/);
});

for (const [numeric, reason] of [
  ['403', /^403 ERR_NOSUCHCHANNEL: No/],
  ['405', /^405 ERR_TOOMANYCHANNELS: No\. Take some channels off/],
  ['471', /^471 ERR_CHANNELISFULL: No/],
  ['473', /^473 ERR_INVITEONLYCHAN: No\. Invite "parley"/],
  ['474', /^474 ERR_BANNEDFROMCHAN: No\. Unban "parley", or remove #quake from its room\./],
  ['475', /^475 ERR_BADCHANNELKEY: No\. Give the right `key`/],
  ['477', /^477 ERR_NEEDREGGEDNICK: No\. Log in/],
  ['489', /^489 ERR_SECUREONLYCHAN: No\. Set `tls: true`/],
] as const) {
  test(`irc - Channel state: ${numeric} reaches the operator as a clear status`, async (t) => {
    const { network } = await openRaw(
      t,
      {
        script(line, peer) {
          if (line.startsWith('JOIN')) peer.send(`:raw.test ${numeric} parley #QUAKE :No.`);
          return line.startsWith('JOIN');
        },
      },
      { rejoin: { delay: '10m' } },
    );
    t.regex(network.degradedNow.get('#quake') ?? '', reason);
    // The core logs what it is told; twice would be noise.
    t.deepEqual(
      network.logged.filter((line) => line.includes(numeric)),
      [],
    );
  });
}

test('irc - Channel state: a forward (470) is told and not followed', async (t) => {
  const { peer, network } = await openRaw(
    t,
    {
      script(line, peer) {
        if (line !== 'JOIN #quake') return false;
        peer.send(':raw.test 470 parley #quake ##quake :Forwarding', ':parley!p@h JOIN ##quake');
        return true;
      },
    },
    { rejoin: { delay: '10m' } },
  );
  await peer.waitFor(/^PART ##quake$/);
  t.regex(network.degradedNow.get('#quake') ?? '', /^470 ERR_LINKCHANNEL.*Name the channel/);
});

test('irc - Channel state: a JOIN that nobody answers is told after its time', async (t) => {
  const { network } = await openRaw(
    t,
    { script: (line) => line.startsWith('JOIN') },
    { joinTimeout: '50ms', rejoin: { delay: '10m' } },
  );
  t.regex(network.degradedNow.get('#quake') ?? '', /no answer to JOIN within 50 ms/);
});

test('irc - Channel state: forty channels are joined in few lines (ngircd)', async (t) => {
  const server = await startNgircd(t);
  const names = Array.from({ length: 40 }, (_, index) => `#room${index}`);
  const network = recordingNetwork(names);
  const { connection } = await openIrc(t, server, network);
  t.is(network.degradedNow.size, 0);
  await connection.deliver(message('#room39', 'hi'));
});

test('irc - Channel state: a reload enters and leaves channels on the open connection (ngircd)', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#new');
  const { connection, network } = await openIrc(t, server, recordingNetwork(['#quake']));
  const channel = { address: '#new', options: {} };
  await connection.attach(channel);
  await connection.deliver(message('#new', 'here'));
  anna.say('#new', 'welcome');
  await network.event(({ text }) => text === 'welcome');
  await connection.detach(channel);
  await anna.waitFor(/:parley!\S+ PART #new/);
  await t.throwsAsync(connection.deliver(message('#new', 'x')), { message: /not attached/ });
});

test('irc - Channel state: a channel we are not in after all is held and entered again', async (t) => {
  const { peer, connection, network } = await openRaw(t, {
    script(line, peer) {
      if (line.startsWith('PRIVMSG #quake :\x02\x02lost'))
        peer.send(':raw.test 442 parley #quake :Not on channel');
      return false;
    },
  });
  const error = await t.throwsAsync(connection.deliver(message('#quake', 'lost')));
  t.is((error as DeliveryError).outcome, 'unavailable');
  await peer.waitFor(/^JOIN #quake/);
  await peer.waitFor(/^JOIN #quake/);
  await until(() => network.degradedNow.size === 0, { what: 'to be back' });
  await connection.deliver(message('#quake', 'back'));
});

test('irc - Kick and ban: tells the room, holds delivery and comes back after the delay (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  const { connection, network } = await openIrc(t, server, recordingNetwork(['#quake']));
  anna.send('KICK #quake parley :behave');
  const kick = await network.event(({ type }) => type === 'member.kick');
  t.like(kick, { channel: '#quake', target: 'parley', text: 'behave', author: { name: 'anna' } });
  const held = connection.deliver(message('#quake', 'x')).catch((error: DeliveryError) => error.outcome);
  t.is(await held, 'unavailable');
  t.regex(network.reasons[0] ?? '', /#quake: kicked by anna: behave/);
  await anna.waitFor(/:parley!\S+ JOIN/);
  await until(() => network.degradedNow.size === 0, { what: 'to be back' });
  await connection.deliver(message('#quake', 'sorry'));
});

test('irc - Kick and ban: a ban is tried a few times under the same nick, then left to a person (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  anna.send('MODE #quake +b parley!*@*');
  await anna.roundtrip();
  const network = recordingNetwork(['#quake']);
  await openIrc(t, server, network, { rejoin: { delay: '20ms', max: 3 } });
  await until(() => /Gave up/.test(network.degradedNow.get('#quake') ?? ''), { what: 'giving up' });
  t.regex(
    network.degradedNow.get('#quake') ?? '',
    /^474 ERR_BANNEDFROMCHAN.*Unban "parley".*Gave up after 3 tries/,
  );
  t.is(network.reasons.length, 4);
  anna.send('WHOIS parley');
  t.truthy(await anna.waitFor(/ 311 anna parley /));
  anna.send('MODE #quake -b parley!*@*');
  anna.send('INVITE parley #quake');
  await anna.waitFor(/:parley!\S+ JOIN/);
});

test('irc - Kick and ban: each wait is twice the last', async (t) => {
  const joins: number[] = [];
  const server = await startRawIrc(t, {
    script(line, peer) {
      if (!line.startsWith('JOIN')) return false;
      joins.push(performance.now());
      peer.send(':raw.test 474 parley #quake :Banned');
      return true;
    },
  });
  await openIrc(t, server, recordingNetwork(['#quake']), { rejoin: { delay: '60ms', max: 3 } });
  await until(() => joins.length === 4, { what: 'four tries' });
  const gaps = joins.slice(1).map((at, index) => at - (joins[index] ?? 0));
  t.true((gaps[0] ?? 0) >= 55 && (gaps[1] ?? 0) >= 115 && (gaps[2] ?? 0) >= 235, gaps.join(' '));
});

import test from 'ava';
import { ircClient, startInspircd, startInspircdPair, startNgircd } from '../../peers/index.js';
import { openIrc, openRaw, recordingNetwork } from './network.js';

const ANNA = ':anna!ann@host.test';

for (const [name, start] of [
  ['ngircd', startNgircd],
  ['inspircd', startInspircd],
] as const) {
  test(`irc - rank: who may moderate a channel is told with what they say (${name})`, async (t) => {
    const server = await start(t);
    const anna = await ircClient(t, server, { nick: 'anna' });
    const bert = await ircClient(t, server, { nick: 'bert' });
    await anna.join('#quake');
    await bert.join('#quake');
    const { network } = await openIrc(t, server, recordingNetwork(['#quake']));
    const ranks = async (text: string) => {
      for (const client of [anna, bert]) {
        client.say('#quake', text);
        await client.roundtrip();
      }
      await network.event((event) => event.text === text && event.person === 'bert');
      return network.events.filter((event) => event.text === text).map(({ person, rank }) => [person, rank]);
    };
    t.deepEqual(await ranks('as they came'), [
      ['anna', 'operator'],
      ['bert', undefined],
    ]);
    anna.send('MODE #quake +ov bert bert');
    await anna.roundtrip();
    anna.send('MODE #quake -o anna');
    await anna.roundtrip();
    t.deepEqual(await ranks('after the change'), [
      ['anna', undefined],
      ['bert', 'operator'],
    ]);
    bert.send('MODE #quake -o bert');
    await bert.roundtrip();
    t.deepEqual(await ranks('voice is left'), [
      ['anna', undefined],
      ['bert', 'voice'],
    ]);
  });
}

test('irc - rank: it is lost with the place in the channel, and follows a new nick (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  await anna.join('#quake');
  const { network } = await openIrc(t, server, recordingNetwork(['#quake']));
  const say = async (text: string) => {
    anna.say('#quake', text);
    return (await network.event((event) => event.text === text)).rank;
  };
  anna.send('NICK hanna');
  t.is(await say('renamed'), 'operator');
  anna.send('PART #quake');
  await anna.join('#quake');
  t.is(await say('came back'), undefined);
});

test('irc - rank: a netsplit takes it, and its end brings it back (two inspircd)', async (t) => {
  const { left, right, split, relink, crossed } = await startInspircdPair(t);
  const carl = await ircClient(t, right, { nick: 'carl' });
  await carl.join('#quake');
  await crossed(carl);
  const { network } = await openIrc(t, left, recordingNetwork(['#quake']));
  await carl.waitFor(/:parley!\S+ JOIN/);
  carl.say('#quake', 'before');
  t.is((await network.event(({ text }) => text === 'before')).rank, 'operator');
  await split();
  await network.event(({ type }) => type === 'sys.netsplit');
  await relink();
  await carl.waitFor(/:parley!\S+ JOIN/);
  carl.say('#quake', 'after');
  t.is((await network.event(({ text }) => text === 'after')).rank, 'operator');
});

test('irc - rank: every prefix of NAMES counts, and the arguments of other modes are no nicks', async (t) => {
  const isupport = 'PREFIX=(Yqaohv)!~&@%+ CHANMODES=beI,k,Hl,mnt CASEMAPPING=rfc1459';
  const { peer, network } = await openRaw(t, { isupport });
  const rankOf = async (nick: string) => {
    const text = `says ${nick} ${network.events.length}`;
    peer.send(`:${nick}!u@h PRIVMSG #quake :${text}`);
    return (await network.event((event) => event.text === text)).rank;
  };
  peer.send(':raw.test 353 parley = #quake :!joined %+half &admin +voiced plain [a]');
  t.is(await rankOf('joined'), 'operator');
  t.is(await rankOf('half'), 'operator');
  t.is(await rankOf('admin'), 'operator');
  t.is(await rankOf('voiced'), 'voice');
  t.is(await rankOf('plain'), undefined);
  peer.send(
    `${ANNA} MODE #quake +bkv-h+lH plain voiced voiced half 5 plain`,
    `${ANNA} MODE #quake -l+m-k+o voiced {A}`,
    `${ANNA} MODE #elsewhere +o plain`,
    `${ANNA} MODE parley +o`,
    `${ANNA} MODE #quake +o`,
  );
  t.is(await rankOf('half'), 'voice');
  t.is(await rankOf('plain'), undefined);
  t.is(await rankOf('[a]'), 'operator', 'a nick in another case of the mapping');
  peer.send(`${ANNA} KICK #quake [a]`, ':[a]!u@h JOIN #quake', ':half!u@h QUIT', ':half!u@h JOIN #quake');
  t.is(await rankOf('[a]'), undefined);
  t.is(await rankOf('half'), undefined);
});

test('irc - mask: an author known by account has the address beside it, a server has none', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'account-tag' });
  peer.send(
    `@account=Ann ${ANNA} PRIVMSG #quake :one`,
    ':raw.test NOTICE #quake :two',
    ':*status!znc@znc.in PRIVMSG #quake :three',
    `${ANNA} NICK hanna`,
    ':hanna!ann@host.test QUIT :bye',
  );
  await peer.roundtrip();
  t.deepEqual(
    network.events.map(({ mask, person }) => [mask, person]),
    [
      ['anna!ann@host.test', 'anna'],
      [undefined, undefined],
      [undefined, undefined],
      ['anna!ann@host.test', 'hanna'],
      ['hanna!ann@host.test', undefined],
    ],
  );
});

test('irc - Tags: where each line names the account, one that names none is not verified', async (t) => {
  const caps = 'account-tag extended-join';
  const { peer, network } = await openRaw(t, { caps });
  peer.send(
    '@account=Carl :carl!c@h JOIN #quake Carl :Carl Real',
    '@account=Carl :carl!c@h PRIVMSG #quake :logged in',
    ':carl!c@h PRIVMSG #quake :logged out',
  );
  await peer.roundtrip();
  const said = network.events.filter(({ type }) => type === 'chat.message');
  t.deepEqual(
    said.map(({ author }) => [author.id, author.verified]),
    [
      ['irc:libera:account:Carl', true],
      ['irc:libera:host:carl!c@h', false],
    ],
  );
});

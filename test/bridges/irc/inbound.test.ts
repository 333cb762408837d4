import test from 'ava';
import { startRawIrc } from '../../peers/raw-irc.js';
import { openIrc, openRaw, recordingNetwork } from './network.js';

const ANNA = ':anna!ann@host.test';

test('irc - ACTION: /me is its own event, with or without its closing \\x01', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(`${ANNA} PRIVMSG #quake :\x01ACTION waves\x01`, `${ANNA} PRIVMSG #quake :\x01ACTION waves on`);
  await peer.roundtrip();
  t.deepEqual(network.texts('chat.action'), ['waves', 'waves on']);
});

test('irc - CTCP: VERSION, PING and TIME are answered, anything else is not', async (t) => {
  const { peer, network } = await openRaw(t);
  for (const request of ['VERSION', 'PING 123 4', 'TIME', 'CLIENTINFO', 'DCC SEND x']) {
    peer.send(`${ANNA} PRIVMSG parley :\x01${request}\x01`);
  }
  await peer.roundtrip();
  const answers = peer.received.filter((line) => line.startsWith('NOTICE'));
  t.is(answers.length, 3);
  t.is(answers[0], 'NOTICE anna :\x01VERSION Parley\x01');
  t.is(answers[1], 'NOTICE anna :\x01PING 123 4\x01');
  t.regex(answers[2] ?? '', /^NOTICE anna :\x01TIME .* GMT\x01$/);
  t.deepEqual(network.events, []);
});

test('irc - CTCP: a flood of requests gets three answers', async (t) => {
  const { peer } = await openRaw(t);
  peer.send(...Array.from({ length: 50 }, () => `${ANNA} PRIVMSG #quake :\x01VERSION\x01`));
  await peer.roundtrip();
  t.is(peer.received.filter((line) => line.startsWith('NOTICE')).length, 3);
});

test('irc - NOTICE: its own event, and never answered', async (t) => {
  const { peer, network } = await openRaw(t);
  const before = peer.received.length;
  peer.send(
    `${ANNA} NOTICE #quake :server restarts soon`,
    `${ANNA} NOTICE parley :\x01VERSION mIRC\x01`,
    `${ANNA} NOTICE #quake :\x01PING 1\x01`,
    `${ANNA} NOTICE parley :!help`,
  );
  await peer.roundtrip();
  t.deepEqual(
    network.events.map(({ type, text }) => [type, text]),
    [['chat.notice', 'server restarts soon']],
  );
  t.is(peer.received.length, before + 1);
});

test('irc - Loops: own lines are dropped, in any case of the nick', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(':PARLEY!parley@bot.test PRIVMSG #quake :mine', `${ANNA} PRIVMSG #quake :hers`);
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['hers']);
});

test("irc - Loops: what carries a relay's mark is dropped", async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(
    `${ANNA} PRIVMSG #quake :\x02\x02<bert> relayed`,
    `${ANNA} PRIVMSG #quake :\x01ACTION \x02\x02* bert relayed\x01`,
    `${ANNA} PRIVMSG #quake :\u2060\u2060<bert> relayed`,
    `@draft/relaymsg=other ${ANNA} PRIVMSG #quake :relayed`,
    `${ANNA} PRIVMSG #quake :\x02bold\x02 said here`,
  );
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['\x02bold\x02 said here']);
  t.deepEqual(network.texts('chat.action'), []);
  t.deepEqual(network.drops, ['marked', 'marked', 'marked', 'relaymsg']);
});

test('irc - Loops: bots are dropped if so configured, else marked', async (t) => {
  const lines = [`@bot ${ANNA} PRIVMSG #quake :beep`, `${ANNA} PRIVMSG #quake :hi`];
  const quiet = await openRaw(t, {}, { ignoreBots: true });
  quiet.peer.send(...lines);
  await quiet.peer.roundtrip();
  t.deepEqual(quiet.network.texts(), ['hi']);
  t.deepEqual(quiet.network.drops, ['bot']);
  const open = await openRaw(t);
  open.peer.send(...lines);
  await open.peer.roundtrip();
  t.deepEqual(
    open.network.events.map(({ author }) => author.bot ?? false),
    [true, false],
  );
});

test('irc - Loops: users with bot mode (+B) are known from WHO where no tag tells', async (t) => {
  const { peer, network } = await openRaw(t, { isupport: 'WHOX BOT=B' }, { ignoreBots: true });
  await peer.waitFor(/^WHO #quake %tuhnfa,729/);
  peer.send(':raw.test 354 parley 729 ann host.test anna HB* 0', `${ANNA} PRIVMSG #quake :beep`);
  await peer.roundtrip();
  t.deepEqual(network.texts(), []);
});

test('irc - Tags: msgid is the native id, time and account are those of the server', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'message-tags server-time account-tag' });
  peer.send(`@time=2031-05-06T07:08:09.123Z;msgid=abc;account=Ann;+reply=xyz ${ANNA} PRIVMSG #quake :hi`);
  await peer.roundtrip();
  t.like(network.events[0], {
    nativeId: 'abc',
    replyTo: 'xyz',
    author: { id: 'irc:libera:account:Ann', name: 'anna', verified: true },
  });
  t.is(network.events[0]?.time?.toISOString(), '2031-05-06T07:08:09.123Z');
});

test('irc - Tags: without an account the author is the address, and not verified', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(`${ANNA} PRIVMSG #quake :hi`);
  await peer.roundtrip();
  t.deepEqual(network.events[0]?.author, {
    id: 'irc:libera:host:anna!ann@host.test',
    name: 'anna',
    verified: false,
  });
});

test('irc - Tags: accounts come from extended-join, ACCOUNT and WHOX too', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'extended-join account-notify', isupport: 'WHOX' });
  peer.send(
    ':carl!c@h JOIN #quake Carl :Carl Real',
    ':carl!c@h PRIVMSG #quake :one',
    ':carl!c@h ACCOUNT *',
    ':carl!c@h PRIVMSG #quake :two',
    ':raw.test 354 parley 729 ann host.test anna H Annie',
    `${ANNA} PRIVMSG #quake :three`,
  );
  await peer.roundtrip();
  const said = network.events.filter(({ type }) => type === 'chat.message');
  t.deepEqual(
    said.map(({ author }) => author.id),
    ['irc:libera:account:Carl', 'irc:libera:host:carl!c@h', 'irc:libera:account:Annie'],
  );
});

test('irc - Tags: playback older than the cursor is dropped, what was missed passes', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'batch server-time' });
  const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  const live = at(1);
  peer.send(
    `@time=${live} ${ANNA} PRIVMSG #quake :live`,
    'BATCH +h chathistory #quake',
    `@batch=h;time=${at(-60)} ${ANNA} PRIVMSG #quake :before we came`,
    `@batch=h;time=${live} ${ANNA} PRIVMSG #quake :live`,
    `@batch=h;time=${at(2)} ${ANNA} PRIVMSG #quake :missed`,
    'BATCH -h',
    `@time=${at(-60)} ${ANNA} PRIVMSG #quake :playback without a batch`,
    `@time=${at(-1)} ${ANNA} PRIVMSG #quake :live from a server with a slow clock`,
  );
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['live', 'missed', 'live from a server with a slow clock']);
  t.deepEqual(network.drops, ['playback', 'playback', 'playback']);
});

test('irc - Tags: what was heard before a reconnect is not heard again from the history', async (t) => {
  const network = recordingNetwork(['#quake']);
  const server = await startRawIrc(t, { caps: 'batch server-time' });
  const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  const [first, before] = await Promise.all([openIrc(t, server, network), server.peer()]);
  const line = `time=${at(1)} ${ANNA} PRIVMSG #quake :before`;
  before.send(`@${line}`);
  await before.roundtrip();
  await first.stop();
  const [, after] = await Promise.all([openIrc(t, server, network), server.peer()]);
  const missed = `@batch=h;time=${at(2)} ${ANNA} PRIVMSG #quake :missed`;
  after.send('BATCH +h chathistory #quake', `@batch=h;${line}`, missed, 'BATCH -h');
  await after.roundtrip();
  t.deepEqual(network.texts(), ['before', 'missed']);
});

test('irc - Batches: lines in nested, unknown and unclosed batches are not lost', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'batch' });
  peer.send(
    'BATCH +outer example.org/a',
    '@batch=outer BATCH +inner example.org/b',
    `@batch=inner ${ANNA} PRIVMSG #quake :nested`,
    `@batch=never ${ANNA} PRIVMSG #quake :unknown`,
    'BATCH -outer',
    `@batch=inner ${ANNA} PRIVMSG #quake :unclosed`,
  );
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['nested', 'unknown', 'unclosed']);
});

test('irc - Netsplit: many QUITs become one event per channel, those who return do not join', async (t) => {
  const { peer, network } = await openRaw(t, {}, {}, ['#quake', '#other']);
  const nicks = Array.from({ length: 14 }, (_, index) => `user${index}`);
  peer.send(
    ...nicks.map((nick) => `:${nick}!u@h JOIN #quake`),
    ...nicks.map((nick) => `:${nick}!u@h QUIT :irc.a.net irc.b.net`),
  );
  const split = await network.event(({ type }) => type === 'sys.netsplit');
  t.like(split, { channel: '#quake' });
  t.regex(split.text, /^netsplit irc.a.net irc.b.net: 14 left \(user0, .*user9, …\)$/);
  peer.send(...nicks.map((nick) => `:${nick}!u@h JOIN #quake`), ':new!u@h JOIN #quake');
  await peer.roundtrip();
  const joins = network.events.filter(({ type }) => type === 'member.join').map(({ author }) => author.name);
  t.deepEqual(joins, [...nicks, 'new']);
  t.deepEqual(network.texts('member.leave'), []);
  t.is(network.texts('sys.netsplit').length, 1);
});

test('irc - Netsplit: the batch type says so too, a user who claims it does not', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'batch' });
  peer.send(
    'BATCH +s netsplit irc.a.net irc.b.net',
    `@batch=s ${ANNA} QUIT :*.net *.split`,
    'BATCH -s',
    ':bert!b@h QUIT :Quit: irc.a.net irc.b.net',
  );
  const split = await network.event(({ type }) => type === 'sys.netsplit');
  t.regex(split.text, /1 left \(anna\)$/);
  t.deepEqual(
    network.events.map(({ type }) => type),
    ['member.leave', 'sys.netsplit'],
  );
});

test('irc - Casemapping: channels and nicks are the same in any case of the mapping', async (t) => {
  const { peer, network } = await openRaw(t, { isupport: 'CASEMAPPING=rfc1459' }, { nick: 'par[y]' }, [
    '#a[b]',
  ]);
  peer.send(
    `${ANNA} PRIVMSG #A{B} :to us`,
    ':PAR{Y}!p@h PRIVMSG #a[b] :ours',
    ':ANNA!ann@host.test QUIT :bye',
  );
  await peer.roundtrip();
  t.deepEqual(
    network.events.map(({ type, channel }) => [type, channel]),
    [
      ['chat.message', '#a[b]'],
      ['member.leave', '#a[b]'],
    ],
  );
});

test('irc - Casemapping: ascii keeps brackets and braces apart', async (t) => {
  const { peer, network } = await openRaw(t, { isupport: 'CASEMAPPING=ascii' }, {}, ['#a[b]']);
  peer.send(`${ANNA} PRIVMSG #a{b} :elsewhere`, `${ANNA} PRIVMSG #A[B] :here`);
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['here']);
});

test('irc - Casemapping: STATUSMSG and private messages stay out of the room', async (t) => {
  const { peer, network } = await openRaw(t, { isupport: 'STATUSMSG=@+ PREFIX=(ov)@+ CHANTYPES=#' });
  peer.send(
    `${ANNA} PRIVMSG @#quake :for the operators`,
    `${ANNA} NOTICE +#quake :for the voiced`,
    `${ANNA} PRIVMSG parley :private`,
    `${ANNA} PRIVMSG #elsewhere :not ours`,
  );
  await peer.roundtrip();
  t.deepEqual(network.events, []);
});

test('irc - Casemapping: PREFIX symbols are not part of a nick', async (t) => {
  const { peer, network } = await openRaw(t, { isupport: 'PREFIX=(Yov)!@+' });
  peer.send(':raw.test 353 parley = #quake :!@+dora ~emil', ':dora!d@h NICK Dora2', ':~emil!e@h QUIT :bye');
  await peer.roundtrip();
  t.deepEqual(
    network.events.map(({ type, target, text }) => [type, target, text]),
    [
      ['member.nick', 'Dora2', ''],
      ['member.leave', undefined, 'bye'],
    ],
  );
});

test('irc - Channel state: joins, parts, quits, kicks, nicks and topics are events of the channels they concern', async (t) => {
  const { peer, network } = await openRaw(t, {}, {}, ['#quake', '#other']);
  peer.send(
    ':carl!c@h JOIN #quake',
    ':carl!c@h JOIN #other',
    ':carl!c@h NICK karl',
    ':karl!c@h TOPIC #quake :new map',
    ':anna!ann@host.test KICK #other karl :no',
    ':karl!c@h PART #quake :off',
    ':anna!ann@host.test QUIT :Quit: bed',
  );
  await peer.roundtrip();
  const seen = network.events.map(({ type, channel, author, text, target, quit }) =>
    [type, channel, author.name, text, target ?? '', quit ?? false].join(' ').trim(),
  );
  t.deepEqual(seen, [
    'member.join #quake carl   false',
    'member.join #other carl   false',
    'member.nick #quake carl  karl false',
    'member.nick #other carl  karl false',
    'room.topic #quake karl new map  false',
    'member.kick #other anna no karl false',
    'member.leave #quake karl off  false',
    'member.leave #quake anna Quit: bed  true',
    'member.leave #other anna Quit: bed  true',
  ]);
});

test('irc - Formatting: text with codes is handed on as it is, marked as irc', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(`${ANNA} PRIVMSG #quake :\x0304,012\x03 \x1dx`, `${ANNA} PRIVMSG #quake :plain *stars*`);
  await peer.roundtrip();
  t.like(network.events[0], { text: '\x0304,012\x03 \x1dx', markup: 'irc' });
  t.is(network.events[1]?.markup, undefined);
});

test('irc - Encoding: a CP1252 line among UTF-8 lines reads right', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(`${ANNA} PRIVMSG #quake :grüße €`);
  peer.sendBytes(
    Buffer.concat([Buffer.from(`${ANNA} PRIVMSG #quake :`), Buffer.from([0x66, 0xfc, 0x72, 0x80, 13, 10])]),
  );
  await peer.roundtrip();
  t.deepEqual(network.texts(), ['grüße €', 'für€']);
});

import test from 'ava';
import { startNgircd, until } from '../peers/index.js';
import { network, said, seen, startStage, startTwoNetworks, visitor } from './stage.js';

test('gateway - a line said on one IRC server is heard on the other, with its author', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', '4on4 mix, two more needed');
  const line = await bob.waitFor(/4on4 mix/);
  t.is(seen(line.text), '<alice> 4on4 mix, two more needed');
  bob.say('#b', 'coming');
  t.is(said((await alice.waitFor(/coming/)).text), 'coming');
});

test('gateway - nobody hears their own line again', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', 'once');
  await bob.waitFor(/once/);
  bob.say('#b', 'answer');
  await alice.waitFor(/answer/);
  await Promise.all([alice.roundtrip(), bob.roundtrip()]);
  t.deepEqual(alice.heard('#a').map(said), ['answer']);
  t.deepEqual(bob.heard('#b').map(said), ['once']);
});

test('gateway - an action stays an action of its author', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', '\x01ACTION waves\x01');
  t.regex(seen((await bob.waitFor(/waves/)).text), /alice waves/);
});

test('gateway - a ten-line paste arrives in order while others talk', async (t) => {
  const { alice, bob, one } = await startTwoNetworks(t);
  const carol = await visitor(t, one, 'carol', '#a');
  const paste = Array.from({ length: 10 }, (_, i) => `line ${i}`);
  alice.sendAll(paste.map((line) => `PRIVMSG #a :${line}`));
  carol.sendAll(paste.map((line) => `PRIVMSG #a :carol ${line}`));
  await until(() => bob.heard('#b').length === 20, { what: 'both pastes' });
  const heard = bob.heard('#b').map(said);
  t.deepEqual(
    heard.filter((line) => line.startsWith('line')),
    paste,
  );
  t.deepEqual(
    heard.filter((line) => line.startsWith('carol')),
    paste.map((line) => `carol ${line}`),
  );
});

test('gateway - two channels of one network in a room hear each other', async (t) => {
  const server = await startNgircd(t);
  const body = `networks:\n${network('one', server)}rooms:\n  lobby: { channels: [ { one: "#a" }, { one: "#b" } ] }\n`;
  const stage = await startStage(t, body);
  await stage.connected();
  const alice = await visitor(t, server, 'alice', '#a');
  const bob = await visitor(t, server, 'bob', '#b');
  alice.say('#a', 'across');
  t.is(said((await bob.waitFor(/across/)).text), 'across');
  await alice.roundtrip();
  t.deepEqual(alice.heard('#a'), []);
});

test('gateway - two networks in two common rooms do not echo, and a line is said once', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const rooms = `rooms:
  first: { channels: [ { one: "#a" }, { two: "#b" } ] }
  second: { channels: [ { one: "#a" }, { two: "#b" } ] }
`;
  const stage = await startStage(t, `networks:\n${network('one', one)}${network('two', two)}${rooms}`);
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  for (let i = 0; i < 10; i++) alice.say('#a', `line ${i}`);
  alice.say('#a', 'last');
  await bob.waitFor(/last/);
  bob.say('#b', 'back');
  await alice.waitFor(/back/);
  await Promise.all([alice.roundtrip(), bob.roundtrip()]);
  t.is(bob.heard('#b').length, 11);
  t.is(alice.heard('#a').length, 1);
});

test('gateway - what is not said somewhere is counted once, with its reason', async (t) => {
  const { gateway, alice, bob } = await startTwoNetworks(t);
  const dropped = (name: string) =>
    gateway.networks().find(({ network: each }) => each === name)?.counters.dropped ?? {};
  // Alice and Bob have joined: shown nowhere, and never where they did.
  await until(() => dropped('one').hidden === 1 && dropped('two').hidden === 1, { what: 'the joins' });
  alice.say('#a', '\x02\x02<carol> relayed by another Parley');
  alice.say('#a', 'first');
  await bob.waitFor(/first/);
  // Behind this one the log has nothing more of the first.
  bob.say('#b', 'answer');
  await alice.waitFor(/answer/);
  // Alice's join and her line, each once, though each came both ways.
  await until(() => dropped('one')['own-channel'] === 2, { what: 'the count' });
  t.deepEqual(dropped('one'), { hidden: 1, 'own-channel': 2, marked: 1 });
  const status = await gateway.bus.request<{ dropped: object }>(['gateway', 'test', 'status'], {}, 5000);
  t.like(status.dropped, { hidden: 2, marked: 1 });
});

test('gateway - direction in is heard elsewhere and told nothing', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const rooms = 'rooms:\n  lobby: { channels: [ { one: "#a", direction: in }, { two: "#b" } ] }\n';
  const stage = await startStage(t, `networks:\n${network('one', one)}${network('two', two)}${rooms}`);
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  bob.say('#b', 'not to be heard');
  alice.say('#a', 'heard');
  await bob.waitFor(/heard/);
  await alice.roundtrip();
  t.deepEqual(alice.heard('#a'), []);
});

test('gateway - joins and parts are shown only where a room asks for them', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const rooms = `rooms:
  loud: { channels: [ { one: "#loud" }, { two: "#loud" } ], show: [join, part] }
  quiet: { channels: [ { one: "#quiet" }, { two: "#quiet" } ] }
`;
  const stage = await startStage(t, `networks:\n${network('one', one)}${network('two', two)}${rooms}`);
  await stage.connected();
  const bob = await visitor(t, two, 'bob', '#loud');
  await bob.join('#quiet');
  const alice = await visitor(t, one, 'alice', '#quiet');
  await alice.join('#loud');
  t.regex(
    seen((await bob.waitFor((line) => line.command === 'PRIVMSG' || line.command === 'NOTICE')).text),
    /alice joined/,
  );
  alice.send('PART #loud :see you');
  t.regex(seen((await bob.waitFor(/see you/)).text), /alice left/);
  await bob.roundtrip();
  t.deepEqual(bob.heard('#quiet'), []);
});

test('gateway - what a user typed never becomes a protocol line', async (t) => {
  const { gateway, alice, bob } = await startTwoNetworks(t);
  const token = gateway.config.rooms.get('lobby');
  t.truthy(token);
  alice.say('#a', 'QUIT :x \x01VERSION\x01');
  await bob.waitFor(/QUIT :x/);
  bob.say('#b', 'still here');
  await alice.waitFor(/still here/);
  t.pass();
});

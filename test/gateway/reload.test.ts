import test from 'ava';
import { until } from '../peers/index.js';
import { said, startTwoNetworks, twoNetworks, visitor } from './stage.js';

test('reload - an added room is joined without disconnecting a network', async (t) => {
  const stage = await startTwoNetworks(t);
  const { one, two, alice, bob } = stage;
  const room = '  more: { channels: [ { one: "#c" }, { two: "#d" } ] }\n';
  await stage.reload(twoNetworks(one, two) + room);
  await alice.join('#c');
  await bob.join('#d');
  alice.say('#c', 'in the new room');
  t.is(said((await bob.waitFor(/in the new room/)).text), 'in the new room');
  t.deepEqual(
    stage.gateway.networks().map(({ counters }) => counters.reconnects),
    [0, 0],
  );
});

test('reload - a bad file changes nothing and says why', async (t) => {
  const stage = await startTwoNetworks(t);
  const error = await t.throwsAsync(stage.reload('networks: { one: { bridge: irk } }\n'));
  t.regex(error?.message ?? '', /parley\.yaml:\d+:\d+ networks\.one\.bridge.*irc/);
  stage.alice.say('#a', 'still');
  t.is(said((await stage.bob.waitFor(/still/)).text), 'still');
});

test('reload - a removed room is left', async (t) => {
  const stage = await startTwoNetworks(t, '  more: { channels: [ { one: "#c" }, { two: "#d" } ] }\n');
  const { one, two, alice } = stage;
  await alice.join('#c');
  await stage.reload(twoNetworks(one, two));
  await alice.waitFor((line) => line.command === 'PART' && line.params[0] === '#c');
  t.pass();
});

test('reload - changed settings reconnect that network only', async (t) => {
  const stage = await startTwoNetworks(t);
  const { one, two, bob } = stage;
  await stage.reload(twoNetworks(one, two).replace('nick: parley', 'nick: gateway'));
  await stage.connected();
  const carol = await visitor(t, one, 'carol', '#a');
  carol.say('#a', 'hello again');
  await bob.waitFor(/hello again/);
  const [first, second] = stage.gateway.networks().map(({ counters }) => counters.reconnects);
  t.deepEqual([first, second], [1, 0]);
});

test('reload - a removed network leaves nothing on the backbone', async (t) => {
  const stage = await startTwoNetworks(t);
  const { one } = stage;
  await stage.reload(
    `networks:\n  one: { bridge: irc, host: 127.0.0.1, port: ${one.port}, tls: false, nick: parley, flood: off }\nrooms:\n  lobby: { channels: [ { one: "#a" } ] }\n`,
  );
  await until(() => stage.gateway.networks().length === 1, { what: 'one network to be left' });
  const bucket = await stage.gateway.bus.bucket('NETWORKS');
  t.is(await bucket.get('two'), null);
});

import test, { type ExecutionContext } from 'ava';
import { startNgircd, startServices, until } from '../peers/index.js';
import { network, said, startStage, startTwoNetworks, twoNetworks, visitor } from './stage.js';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

test('faults - what is said while an IRC server is away is said in order when it is back', async (t) => {
  const { alice, two, connected } = await startTwoNetworks(t);
  await two.kill();
  for (const line of numbers(30)) alice.say('#a', line);
  await alice.roundtrip();
  await two.start();
  const bob = await visitor(t, two, 'bob', '#b');
  await connected();
  await until(() => bob.heard('#b').length >= 1, { what: 'the first line', deadlineMs: 15_000 });
  alice.say('#a', 'last');
  await bob.waitFor(/last/, 15_000);
  // The bot may be in the channel before Bob: what it said then, Bob has not heard. What he heard is in order.
  const heard = bob.heard('#b').map(said);
  const from = 30 - (heard.length - 1);
  t.deepEqual(heard, [...numbers(30).slice(from), 'last']);
});

test('faults - rooms of this node talk on while the backbone is away, and nothing is said twice after', async (t) => {
  const { gateway, alice, bob } = await startTwoNetworks(t);
  const pid = gateway.node?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  for (const line of numbers(20)) alice.say('#a', line);
  await until(() => bob.heard('#b').length === 20, { what: 'the lines to be heard', deadlineMs: 10_000 });
  await until(() => gateway.bus.state === 'connected' && gateway.bus.unstored === 0, {
    what: 'the backlog to be stored',
    deadlineMs: 20_000,
  });
  t.not(gateway.node?.pid, pid);
  const stored = await gateway.bus.read('lobby', { limit: 100 });
  const lines = stored.filter(({ event }) => event.type === 'chat.message');
  t.deepEqual(
    lines.map(({ event }) => event.data.text),
    numbers(20),
  );
  alice.say('#a', 'last');
  await bob.waitFor(/last/);
  await bob.roundtrip();
  t.deepEqual(bob.heard('#b').map(said), [...numbers(20), 'last']);
});

test('faults - a dead network does not hold up the others', async (t) => {
  const [one, two, gone] = await Promise.all([startNgircd(t), startNgircd(t), startNgircd(t)]);
  await gone.kill();
  const rooms = 'rooms:\n  lobby: { channels: [ { gone: "#c" }, { one: "#a" }, { two: "#b" } ] }\n';
  const networks = `networks:\n${network('gone', gone)}${network('one', one)}${network('two', two)}`;
  const { gateway, connected } = await startStage(t, networks + rooms);
  await connected('one', 'two');
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  alice.say('#a', 'hello');
  t.is(said((await bob.waitFor(/hello/)).text), 'hello');
  const status = gateway.networks().find(({ network: name }) => name === 'gone');
  t.not(status?.state, 'connected');
  t.is(status?.queued, 1);
});

test('faults - a channel that refuses the bot keeps its lines while another channel goes on', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const owner = await visitor(t, two, 'owner', '#locked');
  owner.send('MODE #locked +i');
  await owner.roundtrip();
  const rooms = 'rooms:\n  lobby: { channels: [ { one: "#a" }, { two: "#locked" }, { two: "#b" } ] }\n';
  const stage = await startStage(t, `networks:\n${network('one', one)}${network('two', two)}${rooms}`);
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  for (const line of numbers(5)) alice.say('#a', line);
  await until(() => bob.heard('#b').length === 5, { what: 'the open channel to hear' });
  const status = stage.gateway.networks().find(({ network: name }) => name === 'two');
  t.regex(status?.degraded['#locked'] ?? '', /473|invite/i);
  owner.send('MODE #locked -i');
  await until(() => owner.heard('#locked').length === 5, { what: 'the kept lines', deadlineMs: 60_000 });
  t.deepEqual(owner.heard('#locked').map(said), numbers(5));
});

/** Alice has said "refused" in a room whose other channel silences the bot. */
async function silencedBot(t: ExecutionContext) {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  // First in the channel, so operator of it; the bot is not, and +m silences it.
  const bob = await visitor(t, two, 'bob', '#b');
  bob.send('MODE #b +m');
  await bob.roundtrip();
  const { gateway, connected } = await startStage(t, twoNetworks(one, two));
  await connected();
  const alice = await visitor(t, one, 'alice', '#a');
  alice.say('#a', 'refused');
  return { gateway, bob };
}

test('faults - a message that the network refuses becomes a dead letter, and is said when replayed', async (t) => {
  const { gateway, bob } = await silencedBot(t);
  const [letter] = await until(
    async () => {
      const letters = await gateway.bus.dead.list('two', 10);
      return letters.length > 0 ? letters : null;
    },
    { what: 'the dead letter' },
  );
  t.is(letter?.channel, '#b');
  t.is(letter?.event.data.text, 'refused');
  t.regex(letter?.reason ?? '', /404|CANNOTSEND/);
  bob.send('MODE #b -m');
  await bob.roundtrip();
  await gateway.bus.request(
    ['gateway', 'test', 'replay'],
    { network: 'two', sequence: letter?.sequence },
    5_000,
  );
  t.is(said((await bob.waitFor(/refused/)).text), 'refused');
  t.deepEqual(await gateway.bus.dead.list('two', 10), []);
});

test('faults - a dead letter that is refused again stays, and the caller is told why', async (t) => {
  const { gateway } = await silencedBot(t);
  const listed = () => gateway.bus.dead.list('two', 10);
  await until(async () => (await listed()).length > 0, { what: 'the dead letter' });
  const before = await listed();
  const body = { network: 'two', sequence: before[0]?.sequence };
  const error = await t.throwsAsync(gateway.bus.request(['gateway', 'test', 'replay'], body, 5_000));
  t.like(error, { code: 'DELIVERY_FAILED' });
  t.regex(error?.message ?? '', /#b: refused again: .*404/);
  t.deepEqual(await listed(), before);
});

test('faults - an ordinary flood limit queues and loses nothing', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const limit = 'flood: { burst: 3, perSecond: 20 }';
  const stage = await startStage(t, twoNetworks(one, two, limit));
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  alice.sendAll(numbers(30).map((line) => `PRIVMSG #a :${line}`));
  await until(() => bob.heard('#b').length === 30, { what: 'all lines', deadlineMs: 10_000 });
  t.deepEqual(bob.heard('#b').map(said), numbers(30));
});

test('faults - older than maxAge becomes one digest line', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const stage = await startStage(t, twoNetworks(one, two, 'flood: off, maxAge: 200ms'));
  await stage.connected();
  const alice = await visitor(t, one, 'alice', '#a');
  await two.kill();
  for (const line of numbers(7)) alice.say('#a', line);
  await alice.roundtrip();
  const events = await until(
    async () => {
      const stored = await stage.gateway.bus.read('lobby', { limit: 20 });
      const lines = stored.filter(({ event }) => event.type === 'chat.message');
      return lines.length === 7 ? lines : null;
    },
    { what: 'the lines to be stored' },
  );
  const newest = Date.parse(events.at(-1)?.event.time ?? '');
  await until(() => Date.now() - newest > 250, { what: 'the lines to be old' });
  await two.start();
  await visitor(t, two, 'bob', '#b');
  await stage.connected();
  await until(() => stage.gateway.networks().every(({ queued }) => queued === 0), {
    what: 'an empty queue',
    deadlineMs: 10_000,
  });
  const two_ = stage.gateway.networks().find(({ network: name }) => name === 'two');
  t.is(two_?.counters.digested, 7);
});

test('faults - bad SASL credentials stop one network with a clear reason', async (t) => {
  const server = await startServices(t);
  const body = `networks:\n  e: { bridge: irc, host: 127.0.0.1, port: ${server.port}, tls: false, nick: parley, sasl: { account: nobody, password: wrong } }\nrooms:\n  lobby: { channels: [ { e: "#a" } ] }\n`;
  const { gateway } = await startStage(t, body);
  const failed = await until(() => gateway.networks().find(({ state }) => state === 'failed'), {
    what: 'the network to stop',
  });
  t.regex(failed.reason ?? '', /SASL/);
  t.notRegex(failed.reason ?? '', /wrong/);
});

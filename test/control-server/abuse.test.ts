/** What people try, on real servers through a whole gateway. Nothing here goes by the clock: what is asserted is what happened. */
import test from 'ava';
import { network, seen, startStage, startTwoNetworks } from '../gateway/stage.js';
import {
  type IrcClient,
  ircClient,
  startInspircd,
  startNgircd,
  startServices,
  until,
} from '../peers/index.js';

const COMMANDS = 10_000;
const LINES = 200;
const LONG_MS = 120_000;

async function told(client: IrcClient, what: RegExp, deadlineMs?: number): Promise<string> {
  return seen((await client.waitFor(({ text }) => what.test(seen(text)), deadlineMs)).text);
}

test('abuse - 10,000 commands of one person cost the others neither a line nor an answer', async (t) => {
  t.timeout(300_000);
  const { alice, bob, one } = await startTwoNetworks(t);
  const flooder = await ircClient(t, one, { nick: 'flooder' });
  // Half of it at once, before anybody else speaks, the rest among their lines.
  const burst = (count: number) => flooder.sendAll(Array(count).fill('PRIVMSG parley :help'));
  burst(COMMANDS / 2);
  for (let line = 0; line < LINES; line += 1) {
    if (line % 20 === 0) burst(COMMANDS / 2 / (LINES / 20));
    alice.say('#a', `line ${line}`);
    if (line % 50 === 0) bob.say('#b', '!ping');
  }
  await told(bob, new RegExp(`line ${LINES - 1}$`), LONG_MS);
  const lines = bob.heard('#b').flatMap((text) => /(line \d+)$/.exec(seen(text))?.[1] ?? []);
  t.deepEqual(
    lines,
    Array.from({ length: LINES }, (_, line) => `line ${line}`),
  );
  await flooder.roundtrip(LONG_MS);
  const pongs = () => bob.heard('#b').filter((text) => /^pong from test/.test(seen(text))).length;
  await until(() => pongs() === LINES / 50, { what: 'all answers', deadlineMs: LONG_MS });
  // All but a handful were dropped unread, after one word about it.
  const dropped = async () => {
    bob.say('#b', '!stats');
    return Number(/(\d+) too many/.exec(await told(bob, /too many\.$/, LONG_MS))?.[1]);
  };
  await until(async () => (await dropped()) >= COMMANDS - 100, {
    what: 'the flood to be dropped',
    deadlineMs: LONG_MS,
    everyMs: 3000,
  });
  const answers = flooder.received.filter(
    ({ command, source }) => command === 'NOTICE' && /^parley/.test(source ?? ''),
  );
  t.true(answers.length < 200, `${answers.length} lines`);
});

test('abuse - a command is none in a notice, an action, a topic, a relayed line or a line of a bot', async (t) => {
  const [one, two] = await Promise.all([startInspircd(t), startNgircd(t)]);
  const stage = await startStage(
    t,
    `networks:
${network('one', one)}${network('two', two)}rooms:
  lobby: { show: [topic], channels: [ { one: "#a" }, { two: "#b" } ] }
`,
  );
  await stage.connected();
  const bob = await ircClient(t, two, { nick: 'bob' });
  await bob.join('#b');
  const alice = await ircClient(t, one, { nick: 'alice' });
  await alice.join('#a');
  const robot = await ircClient(t, one, { nick: 'robot' });
  robot.send('MODE robot +B');
  await robot.waitFor(/MODE robot \S*\+B/);
  await robot.join('#a');
  const root = await ircClient(t, one, { nick: 'root' });
  await root.oper('root', 'operator');
  root.send('SAMODE #a +o alice');
  await alice.waitFor(/MODE #a \+o/);

  alice.send('NOTICE #a :!version');
  alice.send('PRIVMSG #a :\x01ACTION !version\x01');
  alice.send('TOPIC #a :!version');
  alice.send('NOTICE parley :version');
  // Another relay, and ours: a name in front makes it somebody else's words.
  alice.say('#a', '<zed> !version');
  robot.say('#a', '!version');
  robot.say('parley', 'version');
  await robot.roundtrip();
  await alice.roundtrip();
  // Bob calls, and his line is said on the other network by our bot.
  bob.say('#b', '!ping');
  await told(alice, /pong from test/);
  await told(bob, /pong from test/);
  alice.say('#a', 'the end');
  await told(bob, /the end/);
  const everything = [alice, bob, robot].flatMap(({ received }) => received.map(({ text }) => seen(text)));
  t.deepEqual(
    everything.filter((text) => /^Parley \d/.test(text)),
    [],
  );
  t.is(bob.heard('#b').filter((text) => /^pong/.test(seen(text))).length, 1);
});

test('abuse - a ban is set on the network itself, with a kick, and gone when it is lifted or over', async (t) => {
  const password = 'hunter2secret';
  const [home, away] = await Promise.all([
    startServices(t, { accounts: { owner: password } }),
    startNgircd(t),
  ]);
  const stage = await startStage(
    t,
    `access: { owners: [owner@home] }
bans: { onNetworks: [home] }
networks:
${network('home', home)}${network('away', away)}rooms:
  lobby: { channels: [ { home: "#a" }, { away: "#b" } ] }
`,
  );
  await stage.connected();
  const owner = await ircClient(t, home, { nick: 'owner', sasl: { account: 'owner', password } });
  await owner.join('#a');
  const bob = await ircClient(t, away, { nick: 'bob' });
  await bob.join('#b');
  const root = await ircClient(t, home, { nick: 'root' });
  await root.oper('root', 'operator');
  const spammer = await ircClient(t, home, { nick: 'spammer' });
  // All others come from the same host.
  root.send('CHGHOST spammer spam.example');
  await root.roundtrip();
  await spammer.join('#a');
  spammer.say('#a', 'buy gold');
  await told(bob, /buy gold/);

  owner.say('#a', '!ban spammer flooding');
  await owner.waitFor(/MODE #a \+b :?\*!\*@spam\.example/);
  await spammer.waitFor(/KICK #a spammer :?.*flooding/);
  spammer.send('JOIN #a');
  await spammer.waitFor(({ command }) => command === '474');
  owner.say('parley', 'bans');
  const id = /\b(b[0-9a-z]{5})\b/.exec(await told(owner, /\bb[0-9a-z]{5}\b/))?.[1] ?? '';
  owner.say('parley', `bans ${id}`);
  await told(owner, /home #a: \*!\*@spam\.example set/);
  owner.say('#a', `!unban ${id}`);
  await owner.waitFor(/MODE #a -b :?\*!\*@spam\.example/);
  await spammer.join('#a');
  spammer.say('#a', 'sorry');
  await told(bob, /sorry/);

  owner.say('#a', '!ban spammer --for 3s once more');
  await spammer.waitFor(/KICK #a spammer/);
  await owner.waitFor(/MODE #a \+b :?\*!\*@spam\.example/);
  await owner.waitFor(/MODE #a -b :?\*!\*@spam\.example/, LONG_MS);
  await spammer.join('#a');
  spammer.say('#a', 'back again');
  t.regex(await told(bob, /back again/), /spammer/);
});

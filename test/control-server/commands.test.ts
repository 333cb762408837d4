import test from 'ava';
import { seen, startTwoNetworks } from '../gateway/stage.js';
import { until } from '../peers/index.js';

test('commands - a question in one channel is answered in the whole room', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', '!networks');
  const answer = /^one \(connected\), two \(connected\)$/;
  t.regex(seen((await alice.waitFor(/two \(connected/)).text), answer);
  t.regex(seen((await bob.waitFor(/two \(connected/)).text), answer);
});

test('commands - a unique beginning of a name is enough', async (t) => {
  const { alice } = await startTwoNetworks(t);
  alice.say('#a', '!ver');
  t.regex(seen((await alice.waitFor(/Parley/)).text), /^Parley 0\.0\.0 on Node\.js \d/);
});

test('commands - what somebody else’s bot may know is left alone', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', '!nonsense');
  await bob.waitFor(/nonsense/);
  alice.say('#a', '!ping');
  await alice.waitFor(/pong from test/);
  t.deepEqual(alice.heard('#a').length, 1);
});

test('commands - a notice or an action is never a command', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.send('NOTICE #a :!version');
  alice.say('#a', '\x01ACTION !version\x01');
  alice.say('#a', '!ping');
  await bob.waitFor(/pong from test/);
  await alice.waitFor(/pong from test/);
  t.is(alice.heard('#a').length, 1);
});

test('commands - somebody without the permission is refused', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('#a', '!say lobby I am the bot');
  await bob.waitFor(/I am the bot/);
  alice.say('#a', '!ping');
  await bob.waitFor(/pong/);
  t.deepEqual(
    bob.heard('#b').filter((line) => seen(line) === 'I am the bot'),
    [],
  );
});

test('commands - said to the bot alone they are answered alone', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  alice.say('parley', 'help ping');
  t.regex(seen((await alice.waitFor(/Answers, and tells/)).text), /^ping: /);
  alice.say('#a', '!ping');
  await bob.waitFor(/pong from test/);
  t.is(bob.heard('#b').length, 2);
});

test('commands - a long answer goes to the caller in pages', async (t) => {
  const { alice, bob } = await startTwoNetworks(t);
  for (let i = 0; i < 12; i += 1) bob.say('#b', `line ${i}`);
  await alice.waitFor(/line 11/);
  alice.say('#a', '!last 12');
  await alice.waitFor(/4 more lines: say "more"/);
  alice.say('parley', 'more');
  await alice.waitFor(/ago bob: line 11/);
  t.pass();
});

test('commands - who is there, over both networks', async (t) => {
  const { alice } = await startTwoNetworks(t);
  await until(
    () => {
      alice.say('#a', '!who');
      return alice.received.some(({ text }) => /#b on two \(1\): .*bob/.test(seen(text)));
    },
    { what: 'both in the list', everyMs: 5500, deadlineMs: 30_000 },
  );
  t.pass();
});

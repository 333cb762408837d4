import test from 'ava';
import { seen, startTwoNetworks } from '../gateway/stage.js';

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

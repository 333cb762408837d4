import test from 'ava';
import { ircClient, startInspircdPair } from './index.js';

test('peers - an inspircd pair splits and links again', async (t) => {
  const pair = await startInspircdPair(t);
  const [anna, bert] = await Promise.all([
    ircClient(t, pair.left, { nick: 'anna' }),
    ircClient(t, pair.right, { nick: 'bert' }),
  ]);
  await anna.join('#quake');
  await bert.join('#quake');
  await anna.waitFor(/^:bert\S* JOIN/);
  await pair.split();
  const quit = await anna.waitFor(/^:bert\S* QUIT/);
  t.is(quit.text, `${pair.left.name} ${pair.right.name}`);
  await pair.relink();
  await anna.waitFor(/^:bert\S* JOIN/);
  bert.say('#quake', 'back');
  t.is((await anna.waitFor(/PRIVMSG/)).text, 'back');
});

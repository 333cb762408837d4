import test from 'ava';
import { startInspircd } from './inspircd.js';
import { ircClient } from './irc-client.js';

test('peers - inspircd echoes with id and time when asked to', async (t) => {
  const server = await startInspircd(t);
  const caps = ['echo-message', 'server-time', 'message-tags'];
  const anna = await ircClient(t, server, { nick: 'anna', caps });
  await anna.join('#quake');
  anna.say('#quake', 'hello');
  const echo = await anna.waitFor(/PRIVMSG/);
  t.is(echo.nick, 'anna');
  t.truthy(echo.tags.get('msgid'));
  t.regex(echo.tags.get('time') ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('peers - inspircd carries a line over plain TCP and TLS', async (t) => {
  const server = await startInspircd(t, { tls: true });
  const [anna, bert] = await Promise.all([
    ircClient(t, server, { nick: 'anna' }),
    ircClient(t, server, { nick: 'bert', tls: { ca: server.ca ?? '' } }),
  ]);
  await anna.join('#quake');
  await bert.join('#quake');
  anna.say('#quake', 'gl hf, äöü');
  t.is((await bert.waitFor(/PRIVMSG/)).text, 'gl hf, äöü');
});

test('peers - inspircd comes back on its port after it was killed', async (t) => {
  const server = await startInspircd(t);
  const before = await ircClient(t, server, { nick: 'anna' });
  await server.kill();
  await before.closed;
  await server.start();
  await t.notThrowsAsync(ircClient(t, server, { nick: 'anna' }));
});

test('peers - inspircd operators may kill and G-line', async (t) => {
  const server = await startInspircd(t);
  const [root, victim] = await Promise.all([
    ircClient(t, server, { nick: 'root' }),
    ircClient(t, server, { nick: 'victim' }),
  ]);
  await root.oper(server.oper.name, server.oper.password);
  root.send('KILL victim :out');
  await victim.closed;
  root.send('GLINE *@127.0.0.1 1h :stay out');
  await root.closed; // the ban is for its address too
  await t.throwsAsync(ircClient(t, server, { nick: 'again' }), { message: /stay out/ });
});

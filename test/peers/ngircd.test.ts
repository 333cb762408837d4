import test from 'ava';
import { ircClient } from './irc-client.js';
import { startNgircd } from './ngircd.js';

test('peers - ngircd carries a line over plain TCP and TLS', async (t) => {
  const server = await startNgircd(t, { tls: true });
  const anna = await ircClient(t, server, { nick: 'anna' });
  const bert = await ircClient(t, server, { nick: 'bert', tls: { ca: server.ca ?? '' } });
  await anna.join('#quake');
  await bert.join('#quake');
  anna.say('#quake', 'gl hf, äöü');
  t.is((await bert.waitFor(/PRIVMSG/)).text, 'gl hf, äöü');
});

test('peers - ngircd comes back on its port after it was killed', async (t) => {
  const server = await startNgircd(t);
  const before = await ircClient(t, server, { nick: 'anna' });
  await server.kill();
  await before.closed;
  t.is(server.pid, 0);
  await server.start();
  await t.notThrowsAsync(ircClient(t, server, { nick: 'anna' }));
});

test('peers - ngircd demands its password', async (t) => {
  const server = await startNgircd(t, { password: 'hunter2' });
  await t.throwsAsync(ircClient(t, server, { nick: 'anna', password: 'wrong' }));
  await t.notThrowsAsync(ircClient(t, server, { nick: 'anna', password: 'hunter2' }));
});

test('peers - ngircd operators may kill and ban', async (t) => {
  const server = await startNgircd(t);
  const root = await ircClient(t, server, { nick: 'root' });
  const victim = await ircClient(t, server, { nick: 'victim' });
  await root.oper(server.oper.name, server.oper.password);
  root.send('KILL victim :out');
  await victim.closed;
  root.send('KLINE *!*@127.0.0.1 600 :stay out');
  await root.closed; // the ban is for its address too
  await t.throwsAsync(ircClient(t, server, { nick: 'again' }), { message: /stay out/ });
});

test('peers - ngircd makes channels with modes at its start', async (t) => {
  const server = await startNgircd(t, { channels: { '#locked': '+k secret' } });
  const anna = await ircClient(t, server, { nick: 'anna' });
  anna.send('JOIN #locked');
  await anna.waitFor(/ 475 /);
  await t.notThrowsAsync(anna.join('#locked', 'secret'));
});

test('peers - ngircd says nothing while frozen and everything once thawed', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  server.freeze();
  await t.throwsAsync(anna.roundtrip(100));
  server.thaw();
  await t.notThrowsAsync(anna.roundtrip());
});

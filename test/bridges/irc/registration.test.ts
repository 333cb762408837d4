import test from 'ava';
import irc from '../../../bridges/irc/index.js';
import { PermanentError, ThrottledError } from '../../../src/errors.js';
import {
  ircClient,
  makeCertificate,
  startInspircd,
  startNgircd,
  temporaryDirectory,
  until,
  within,
} from '../../peers/index.js';
import { type RawIrcOptions, startRawIrc } from '../../peers/raw-irc.js';
import { configFor, failOf, message, openIrc, openRaw, recordingNetwork } from './network.js';

const SASL = { account: 'relay', password: 'hunter2secret' };

test('irc - Nick in use: takes an alternate and regains its own by MONITOR (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const holder = await ircClient(t, server, { nick: 'parley' });
  const watcher = await ircClient(t, server, { nick: 'watcher' });
  await watcher.join('#quake');
  await openIrc(t, server, recordingNetwork(['#quake']), { alternates: ['parley2'] });
  await watcher.waitFor(/^\S*:parley2!\S+ JOIN/);
  await holder.quit();
  await watcher.waitFor(/:parley2!\S+ NICK :?parley$/);
  t.pass();
});

test('irc - Nick in use: regains it by ISON where there is no MONITOR (ngircd)', async (t) => {
  const server = await startNgircd(t);
  const holder = await ircClient(t, server, { nick: 'parley' });
  const watcher = await ircClient(t, server, { nick: 'watcher' });
  await watcher.join('#quake');
  await openIrc(t, server, recordingNetwork(['#quake']), { regainInterval: '50ms' });
  await watcher.waitFor(/:parley_!\S+ JOIN/);
  await holder.quit();
  await watcher.waitFor(/:parley_!\S+ NICK :?parley$/);
  t.pass();
});

for (const numeric of ['432', '433', '437']) {
  test(`irc - Nick in use: ${numeric} during registration leads to the next nick`, async (t) => {
    let refused = false;
    const { peer } = await openRaw(
      t,
      {
        script(line, peer) {
          if (line !== 'NICK parley' || refused) return false;
          refused = true;
          peer.send(`:raw.test ${numeric} * parley :No`);
          return true;
        },
      },
      { alternates: ['relay'] },
    );
    t.is(peer.nick, 'relay');
  });
}

test('irc - Nick in use: gives up for good when none is accepted', async (t) => {
  const error = await failOf(t, {
    script(line, peer) {
      if (line.startsWith('NICK')) peer.send(':raw.test 432 * x :Erroneous nickname');
      return line.startsWith('NICK');
    },
  });
  t.true(error instanceof PermanentError);
  t.regex(error.message, /no nick was accepted: 432 Erroneous/);
});

for (const reason of [
  'Closing Link: relay[1.2.3.4] (K-lined: spam)',
  'Closing link: (parley@127.0.0.1) [G-Lined: go away]',
  'Closing Link: 1.2.3.4 (User has been banned from the network)',
  'Z:Lined (open proxy)',
]) {
  test(`irc - Reconnect: slows down on "${reason}"`, async (t) => {
    const error = await failOf(t, {
      script(line, peer) {
        if (line.startsWith('USER')) {
          peer.send(`ERROR :${reason}`);
          peer.end();
        }
        return true;
      },
    });
    t.true(error instanceof ThrottledError);
    t.true((error as ThrottledError).retryAfterMs >= 15 * 60_000);
  });
}

for (const reason of [
  'Your host is trying to (re)connect too fast -- throttled',
  'Trying to reconnect too fast.',
  'Too many connections from your IP',
]) {
  test(`irc - Reconnect: waits a minute on "${reason}"`, async (t) => {
    const error = await failOf(t, {
      script(line, peer) {
        if (line.startsWith('USER')) {
          peer.send(`ERROR :${reason}`);
          peer.end();
        }
        return true;
      },
    });
    t.is((error as ThrottledError).retryAfterMs, 60_000);
  });
}

test('irc - Reconnect: a G-line while connected rejects closed with the wait (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const root = await ircClient(t, server, { nick: 'root' });
  await root.oper(server.oper.name, server.oper.password);
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']));
  root.send('GLINE *@127.0.0.1 1h :stay out');
  const error = await t.throwsAsync(connection.closed);
  t.true(error instanceof ThrottledError, error?.message);
});

test('irc - Reconnect: a killed server rejects closed, and the bridge does not connect again itself', async (t) => {
  const { connection, peer } = await openRaw(t);
  peer.destroy();
  const error = await t.throwsAsync(connection.closed);
  t.regex(error?.message ?? '', /closed the connection|ECONNRESET/);
});

test('irc - Reconnect: nobody listening is an error to retry', async (t) => {
  const server = await startRawIrc(t);
  const config = configFor({ host: server.host, port: 1 });
  const error = await t.throwsAsync(irc.open(config, recordingNetwork([]), new AbortController().signal));
  t.regex(error?.message ?? '', /127.0.0.1:1: .*ECONNREFUSED/);
  t.false(error instanceof PermanentError);
});

for (const [make, start] of [
  ['inspircd', startInspircd],
  ['ngircd', startNgircd],
] as const) {
  test(`irc - Reconnect: a wrong server password is permanent (${make})`, async (t) => {
    const server = await start(t, { password: 'right' });
    const config = configFor(server, { password: 'wrong' });
    const error = await t.throwsAsync(irc.open(config, recordingNetwork([]), new AbortController().signal));
    t.true(error instanceof PermanentError, error?.message);
    t.false(error?.message.includes('wrong'));
  });
}

test('irc - PING: answers the server, even before registration', async (t) => {
  const { peer } = await openRaw(t, {
    script(line, peer) {
      if (line.startsWith('NICK')) peer.send('PING :cookie123');
      return false;
    },
  });
  await peer.waitFor(/^PONG :cookie123$/);
  t.pass();
});

test('irc - PING: a server that falls silent is noticed within two intervals (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const { connection } = await openIrc(t, server, recordingNetwork(['#quake']), { pingInterval: '200ms' });
  server.freeze();
  t.teardown(() => server.thaw());
  const error = await t.throwsAsync(within(connection.closed, 10_000, 'the silence to be noticed'));
  t.regex(error?.message ?? '', /silent/);
});

test('irc - PING: a quiet server that answers is kept', async (t) => {
  const { peer, connection } = await openRaw(t, {}, { pingInterval: '100ms' });
  await until(() => peer.received.filter((line) => line === 'PING :parley').length >= 3, {
    what: 'three pings',
  });
  t.is(await Promise.race([connection.closed, Promise.resolve('open')]), 'open');
});

test('irc - PING: a server that talks but does not answer is given up', async (t) => {
  const { peer, connection } = await openRaw(
    t,
    { script: (line) => line.startsWith('PING') },
    { pingInterval: '100ms' },
  );
  const talk = setInterval(() => peer.send(':anna!a@h PRIVMSG #quake :hi'), 5);
  t.teardown(() => clearInterval(talk));
  connection.deliver(message('#quake', 'x')).catch(() => {});
  const error = await t.throwsAsync(connection.closed);
  t.regex(error?.message ?? '', /does not answer PING/);
});

test('irc - TLS: verifies by default, trusts a given CA, and may be told not to (ngircd)', async (t) => {
  const server = await startNgircd(t, { tls: true });
  const place = { host: server.host, port: server.tlsPort ?? 0 };
  const refused = irc.open(
    configFor(place, { tls: true }),
    recordingNetwork([]),
    new AbortController().signal,
  );
  const error = await t.throwsAsync(refused);
  t.regex(error?.message ?? '', /certificate not accepted/);
  t.true(error instanceof ThrottledError);
  await openIrc(t, place, recordingNetwork(['#quake']), { tls: { ca: server.ca } });
  await openIrc(t, place, recordingNetwork(['#quake']), { tls: { verify: false }, nick: 'second' });
});

test('irc - TLS: relays over TLS with a client certificate (inspircd)', async (t) => {
  const server = await startInspircd(t, { tls: true });
  const own = await makeCertificate(await temporaryDirectory(t, 'client'), 'client');
  const place = { host: server.host, port: server.tlsPort ?? 0 };
  const tls = { ca: server.ca, cert: own.cert, key: own.key };
  const { connection, network } = await openIrc(t, place, recordingNetwork(['#quake']), { tls });
  const anna = await ircClient(t, server, { nick: 'anna' });
  anna.send('WHOIS parley');
  t.true((await anna.waitFor(/ 276 /)).text.includes(own.fingerprint));
  await anna.join('#quake');
  anna.say('#quake', 'secure');
  await network.event(({ text }) => text === 'secure');
  t.truthy(connection);
});

test('irc - TLS: a missing file is permanent, a plain port a clear error', async (t) => {
  const { signal } = new AbortController();
  const place = { host: '127.0.0.1', port: 1 };
  const missing = configFor(place, { tls: { ca: '/nowhere/absent.pem' } });
  t.true((await t.throwsAsync(irc.open(missing, recordingNetwork([]), signal))) instanceof PermanentError);
  const server = await startRawIrc(t);
  const opening = irc.open(configFor(server, { tls: true }), recordingNetwork([]), signal);
  (await server.peer()).send(':raw.test NOTICE * :*** Looking up your hostname');
  t.regex((await t.throwsAsync(opening))?.message ?? '', /does not speak TLS on this port/);
});

test('irc - WEBIRC, bind: the address to appear from and to connect from', async (t) => {
  const webirc = { password: 'gatepass', gateway: 'parley', hostname: 'user.test', address: '::1' };
  const { peer, network } = await openRaw(t, {}, { webirc, bind: '127.0.0.1' });
  t.is(peer.received[0], 'WEBIRC gatepass parley user.test 0::1');
  t.false(network.logged.join().includes('gatepass'));
});

const STAGES: readonly (readonly [string, RawIrcOptions, RegExp])[] = [
  ['registering', { script: () => true }, /^CAP LS/],
  ['logging in', { script: (line) => line.startsWith('AUTHENTICATE'), caps: 'sasl' }, /^AUTHENTICATE/],
  ['waiting for services', {}, /^PRIVMSG NickServ/],
  ['joining', { script: (line) => line.startsWith('JOIN') }, /^JOIN/],
];

for (const [stage, options, at] of STAGES) {
  test(`irc - abort: while ${stage} it says QUIT and leaves nothing open`, async (t) => {
    const server = await startRawIrc(t, options);
    const control = new AbortController();
    const fields: Readonly<Record<string, unknown>> =
      stage === 'logging in'
        ? { sasl: SASL }
        : stage === 'waiting for services'
          ? { services: { nickserv: { password: 'x' } } }
          : {};
    const opening = irc.open(configFor(server, fields), recordingNetwork(['#quake']), control.signal);
    const peer = await server.peer();
    await peer.waitFor(at);
    control.abort();
    await t.throwsAsync(opening, { message: /aborted/ });
    await within(peer.closed, 10_000, 'the socket to close');
    t.true(peer.received.includes('QUIT :Parley'));
  });
}

test('irc - abort: before and while connecting', async (t) => {
  const server = await startRawIrc(t);
  const network = recordingNetwork([]);
  await t.throwsAsync(irc.open(configFor(server), network, AbortSignal.abort()), { message: /aborted/ });
  const control = new AbortController();
  // TEST-NET-1 (RFC 5737) answers nobody.
  const opening = irc.open(configFor({ host: '192.0.2.1', port: 6667 }), network, control.signal);
  control.abort();
  await t.throwsAsync(within(opening, 10_000, 'the abort'), { message: /aborted/ });
});

test('irc - abort: when open, closed resolves, twice in a row (ngircd)', async (t) => {
  const server = await startNgircd(t);
  for (const _ of [1, 2]) {
    const { connection, stop } = await openIrc(t, server, recordingNetwork(['#quake']));
    await stop();
    await t.notThrowsAsync(connection.closed);
  }
});

test('irc - a server that never finishes registration is given up', async (t) => {
  const error = await failOf(t, { script: () => true }, { connectTimeout: '50ms' });
  t.regex(error.message, /registration did not complete within 50 ms/);
});

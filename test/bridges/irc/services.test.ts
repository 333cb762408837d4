import test from 'ava';
import irc from '../../../bridges/irc/index.js';
import { PermanentError } from '../../../src/errors.js';
import {
  ircClient,
  makeCertificate,
  startInspircdPair,
  startServices,
  temporaryDirectory,
} from '../../peers/index.js';
import { configFor, openIrc, recordingNetwork } from './network.js';

const ACCOUNTS = { accounts: { relay: 'hunter2secret' } };

test('irc - SASL: logs in with PLAIN before it joins (inspircd, atheme)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  const anna = await ircClient(t, server, { nick: 'anna', caps: ['extended-join'] });
  await anna.join('#quake');
  const sasl = { account: 'relay', password: 'hunter2secret' };
  const { network } = await openIrc(t, server, recordingNetwork(['#quake']), { sasl });
  t.is((await anna.waitFor(/:parley!\S+ JOIN/)).params[1], 'relay');
  t.false(network.logged.join().includes('hunter2'));
});

test('irc - SASL: a wrong password is permanent (inspircd, atheme)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  const config = configFor(server, { sasl: { account: 'relay', password: 'wrong' } });
  const error = await t.throwsAsync(irc.open(config, recordingNetwork([]), new AbortController().signal));
  t.true(error instanceof PermanentError, error?.message);
});

test('irc - SASL: while services are away it is tried again, not joined without (inspircd)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  await server.stopServices();
  const sasl = { account: 'relay', password: 'hunter2secret' };
  const config = configFor(server, { sasl, connectTimeout: '2s' });
  const error = await t.throwsAsync(irc.open(config, recordingNetwork([]), new AbortController().signal));
  t.false(error instanceof PermanentError, error?.message);
});

test('irc - SASL: EXTERNAL logs in with the client certificate (inspircd, atheme)', async (t) => {
  const own = await makeCertificate(await temporaryDirectory(t, 'client'), 'client');
  const certificates = { relay: own.fingerprint };
  const server = await startServices(t, { ...ACCOUNTS, certificates, tls: true });
  const anna = await ircClient(t, server, { nick: 'anna', caps: ['extended-join'] });
  await anna.join('#quake');
  const place = { host: server.host, port: server.tlsPort ?? 0 };
  const tls = { ca: server.ca, cert: own.cert, key: own.key };
  await openIrc(t, place, recordingNetwork(['#quake']), { tls, sasl: { mechanism: 'external' } });
  t.is((await anna.waitFor(/:parley!\S+ JOIN/)).params[1], 'relay');
});

test('irc - Services login: NickServ IDENTIFY before JOIN (inspircd, atheme)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  const anna = await ircClient(t, server, { nick: 'anna', caps: ['extended-join'] });
  await anna.join('#quake');
  const services = { nickserv: { account: 'relay', password: 'hunter2secret' } };
  await openIrc(t, server, recordingNetwork(['#quake']), { services });
  t.is((await anna.waitFor(/:parley!\S+ JOIN/)).params[1], 'relay');
});

test('irc - Services login: a wrong NickServ password is permanent (inspircd, atheme)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  const config = configFor(server, { services: { nickserv: { account: 'relay', password: 'wrong' } } });
  const error = await t.throwsAsync(irc.open(config, recordingNetwork([]), new AbortController().signal));
  t.true(error instanceof PermanentError, error?.message);
});

test('irc - Tags: a logged-in author is known by account, and verified (inspircd, atheme)', async (t) => {
  const server = await startServices(t, ACCOUNTS);
  const sasl = { account: 'relay', password: 'hunter2secret' };
  const anna = await ircClient(t, server, { nick: 'anna', sasl });
  await anna.join('#quake');
  const { network } = await openIrc(t, server, recordingNetwork(['#quake']));
  anna.say('#quake', 'hi');
  const event = await network.event(({ text }) => text === 'hi');
  t.like(event.author, { id: 'irc:libera:account:relay', name: 'anna', verified: true });
});

test('irc - Netsplit: a real split is one event, and its end no joins (two inspircd)', async (t) => {
  const { left, right, split, relink, crossed } = await startInspircdPair(t);
  const [carl, dora] = await Promise.all([
    ircClient(t, right, { nick: 'carl' }),
    ircClient(t, right, { nick: 'dora' }),
  ]);
  await carl.join('#quake');
  await dora.join('#quake');
  for (const each of [carl, dora]) await crossed(each);
  const { network } = await openIrc(t, left, recordingNetwork(['#quake']));
  await split();
  const event = await network.event(({ type }) => type === 'sys.netsplit');
  t.regex(event.text, /: 2 left \((carl, dora|dora, carl)\)$/);
  await relink();
  carl.say('#quake', 'back');
  await network.event(({ text }) => text === 'back');
  t.deepEqual(network.texts('member.join'), []);
  t.deepEqual(network.texts('member.leave'), []);
});

import test from 'ava';
import { ircClient, makeCertificate, startServices, temporaryDirectory } from './index.js';

const ACCOUNTS = { relay: 'correct horse'.replace(' ', '-') };

test('peers - services accept the right password over SASL PLAIN only', async (t) => {
  const server = await startServices(t, { accounts: ACCOUNTS });
  const right = ircClient(t, server, { nick: 'relay', sasl: { account: 'relay', password: ACCOUNTS.relay } });
  const wrong = ircClient(t, server, { nick: 'other', sasl: { account: 'relay', password: 'wrong' } });
  await t.throwsAsync(wrong, { message: / 904 / });
  t.true((await right).received.some((line) => line.command === '900' && line.params.includes('relay')));
});

test('peers - services accept a certificate over SASL EXTERNAL', async (t) => {
  const certificate = await makeCertificate(await temporaryDirectory(t, 'client'), 'relay');
  const certificates = { relay: certificate.fingerprint };
  const server = await startServices(t, { tls: true, accounts: ACCOUNTS, certificates });
  const tls = { ca: server.ca ?? '', cert: certificate.cert, key: certificate.key };
  const relay = await ircClient(t, server, { nick: 'relay', tls, saslExternal: true });
  t.true(relay.received.some((line) => line.command === '900'));
});

test('peers - services log a nick in by NickServ IDENTIFY', async (t) => {
  const server = await startServices(t, { accounts: ACCOUNTS });
  const relay = await ircClient(t, server, { nick: 'relay' });
  relay.say('NickServ', `IDENTIFY ${ACCOUNTS.relay}`);
  t.true((await relay.waitFor(({ command }) => command === '900')).params.includes('relay'));
});

test('peers - services come back with their accounts after they went away', async (t) => {
  const server = await startServices(t, { accounts: ACCOUNTS });
  await server.stopServices();
  await server.startServices();
  const relay = ircClient(t, server, { nick: 'relay', sasl: { account: 'relay', password: ACCOUNTS.relay } });
  await t.notThrowsAsync(relay);
});

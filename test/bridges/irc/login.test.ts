import test from 'ava';
import irc from '../../../bridges/irc/index.js';
import { PermanentError } from '../../../src/errors.js';
import { type RawIrcOptions, type RawPeer, startRawIrc } from '../../peers/raw-irc.js';
import { configFor, failOf, openIrc, openRaw, recordingNetwork } from './network.js';

const SASL = { account: 'relay', password: 'hunter2secret' };
const PLAIN = Buffer.from('relay\0relay\0hunter2secret').toString('base64');

/** Answers SASL PLAIN; `verdict` is what comes after the credentials. */
function saslServer(verdict: (peer: RawPeer) => void): RawIrcOptions {
  return {
    caps: 'sasl=PLAIN,EXTERNAL',
    script(line, peer) {
      if (line === 'AUTHENTICATE PLAIN' || line === 'AUTHENTICATE EXTERNAL') peer.send('AUTHENTICATE +');
      else if (line.startsWith('AUTHENTICATE ')) verdict(peer);
      return line.startsWith('AUTHENTICATE ');
    },
  };
}

test('irc - SASL: CAP END waits for 903, though 900 comes first', async (t) => {
  const server = await startRawIrc(
    t,
    saslServer((peer) => peer.send(':raw.test 900 parley parley!p@h relay :You are now logged in')),
  );
  const opening = openIrc(t, server, recordingNetwork(['#quake']), { sasl: SASL });
  const peer = await server.peer();
  await peer.waitFor(new RegExp(`^AUTHENTICATE ${PLAIN}$`));
  await peer.roundtrip();
  t.false(peer.received.includes('CAP END'));
  peer.send(':raw.test 903 parley :SASL authentication successful');
  await opening;
  const order = peer.received.filter((line) => /^(CAP END|JOIN|AUTHENTICATE)/.test(line));
  t.deepEqual(order, ['AUTHENTICATE PLAIN', `AUTHENTICATE ${PLAIN}`, 'CAP END', 'JOIN #quake']);
});

test('irc - SASL: EXTERNAL sends no credentials', async (t) => {
  const { peer } = await openRaw(
    t,
    saslServer((client) => client.send(':raw.test 903 parley :ok')),
    { sasl: { mechanism: 'external' } },
  );
  t.deepEqual(
    peer.received.filter((line) => line.startsWith('AUTHENTICATE')),
    ['AUTHENTICATE EXTERNAL', 'AUTHENTICATE +'],
  );
});

for (const numeric of ['902', '904', '905']) {
  test(`irc - SASL: ${numeric} is permanent, and nothing is joined`, async (t) => {
    const options = saslServer((peer) => peer.send(`:raw.test ${numeric} parley :Invalid credentials`));
    const error = await failOf(t, options, { sasl: SASL });
    t.true(error instanceof PermanentError);
    t.is(error.message, `SASL login refused: ${numeric} Invalid credentials`);
  });
}

test('irc - SASL: an aborted login is tried again later', async (t) => {
  const error = await failOf(
    t,
    saslServer((peer) => peer.send(':raw.test 906 parley :aborted')),
    { sasl: SASL },
  );
  t.false(error instanceof PermanentError);
  t.regex(error.message, /906 ERR_SASLABORTED/);
});

for (const [what, caps] of [
  ['not offered', 'multi-prefix'],
  ['not offered with nothing else', ''],
  ['unknown to a server without CAP', null],
] as const) {
  test(`irc - SASL: fails closed when it is ${what}`, async (t) => {
    const error = await failOf(t, { caps }, { sasl: SASL });
    t.false(error instanceof PermanentError);
    t.regex(error.message, /does not offer it/);
  });
}

test('irc - SASL: goes on without it when it is not required, and says so', async (t) => {
  const options = saslServer((peer) => peer.send(':raw.test 904 parley :no'));
  const { network } = await openRaw(t, options, { sasl: { ...SASL, required: false } });
  t.regex(network.degradedNow.get(null) ?? '', /SASL login refused: 904/);
});

test('irc - Credential leak: the server password is not used for SASL, and no secret is logged', async (t) => {
  const { peer, network } = await openRaw(t, { caps: 'sasl=PLAIN echo-message' }, { password: 'swordfish1' });
  t.true(peer.received.includes('PASS swordfish1'));
  t.false(peer.received.some((line) => /sasl|AUTHENTICATE/.test(line)));
  t.false(network.logged.join('\n').includes('swordfish1'));
});

test('irc - Credential leak: neither logs nor errors show the secrets of a failed login', async (t) => {
  const server = await startRawIrc(
    t,
    saslServer((peer) => peer.send(':raw.test 904 parley :no')),
  );
  const network = recordingNetwork(['#quake']);
  const config = configFor(server, { sasl: SASL, password: 'swordfish1' });
  const error = await t.throwsAsync(irc.open(config, network, new AbortController().signal));
  const shown = `${error?.stack} ${JSON.stringify(error)} ${network.logged.join()} ${network.reasons.join()}`;
  t.false(/hunter2|swordfish|aHVudGVy/.test(shown) || shown.includes(PLAIN));
});

test('irc - Capabilities: asks for what it uses, where offered', async (t) => {
  const wanted = [
    ...['message-tags', 'server-time', 'account-tag', 'extended-join', 'account-notify', 'batch'],
    ...['echo-message', 'labeled-response', 'multi-prefix', 'away-notify', 'chghost', 'setname'],
    ...['draft/relaymsg', 'draft/chathistory', 'cap-notify'],
  ];
  const { peer } = await openRaw(t, { caps: `${wanted.join(' ')} example.org/unknown sasl` });
  const request = peer.received.find((line) => line.startsWith('CAP REQ'))?.slice('CAP REQ :'.length);
  t.deepEqual(request?.split(' ').sort(), wanted.sort());
});

test('irc - Services login: NickServ is asked and answers before any JOIN', async (t) => {
  const server = await startRawIrc(t, { caps: '' });
  const network = recordingNetwork(['#quake']);
  const services = { nickserv: { account: 'relay', password: 'hunter2secret' } };
  const opening = openIrc(t, server, network, { services });
  const peer = await server.peer();
  await peer.waitFor(/^PRIVMSG NickServ :IDENTIFY relay hunter2secret$/);
  peer.send(
    ':eve!e@h NOTICE parley :You are now identified',
    ':NickServ!s@services NOTICE parley :This nickname is registered.',
  );
  await peer.roundtrip();
  t.false(peer.received.some((line) => line.startsWith('JOIN')));
  peer.send(':NickServ!s@services NOTICE parley :You are now identified for relay.');
  await opening;
  t.false(network.logged.join().includes('hunter2'));
});

test('irc - Services login: 900 and mode +r are answers too', async (t) => {
  for (const answer of [
    ':raw.test 900 parley parley!p@h relay :You are now logged in as relay',
    ':NickServ!s@h MODE parley +r',
  ]) {
    const script = (line: string, peer: RawPeer): boolean => {
      if (line.startsWith('PRIVMSG NickServ')) peer.send(answer);
      return false;
    };
    await openRaw(t, { script }, { services: { nickserv: { password: 'x' } } });
  }
  t.pass();
});

test('irc - Services login: a wrong password is permanent, silence is not', async (t) => {
  const script = (line: string, peer: RawPeer): boolean => {
    if (line.startsWith('PRIVMSG NickServ')) peer.send(':NickServ!s@h NOTICE parley :Password incorrect.');
    return false;
  };
  const services = { nickserv: { password: 'hunter2secret' } };
  t.true((await failOf(t, { script }, { services })) instanceof PermanentError);
  const silent = await failOf(t, {}, { services, loginTimeout: '50ms' });
  t.false(silent instanceof PermanentError);
  t.regex(silent.message, /NickServ login did not complete: no answer/);
  const absent = await failOf(
    t,
    {
      script(line, peer) {
        if (line.startsWith('PRIVMSG')) peer.send(':raw.test 401 parley NickServ :No such nick');
        return false;
      },
    },
    { services },
  );
  t.regex(absent.message, /the service is not there/);
});

test('irc - Services login: QuakeNet gets AUTH at the full address of Q', async (t) => {
  const script = (line: string, peer: RawPeer): boolean => {
    if (line.startsWith('PRIVMSG Q@')) {
      peer.send(':Q!TheQBot@CServe.quakenet.org NOTICE parley :You are now logged in as Relay.');
    }
    return false;
  };
  const { peer } = await openRaw(
    t,
    { script },
    { services: { quakenet: { account: 'Relay', password: 'pw' } } },
  );
  const lines = peer.received.filter((line) => /^(MODE|PRIVMSG|JOIN)/.test(line));
  t.deepEqual(lines, ['MODE parley +x', 'PRIVMSG Q@CServe.quakenet.org :AUTH Relay pw', 'JOIN #quake']);
});

import test from 'ava';
import { DeliveryError } from '../../../src/bridge.js';
import { ircClient, startInspircd, startNgircd, startServices, until } from '../../peers/index.js';
import { message, openIrc, openRaw, recordingNetwork } from './network.js';

test('irc - identify: services vouch for who is logged in, and for nobody else (inspircd, atheme)', async (t) => {
  const server = await startServices(t, { accounts: { ann: 'hunter2secret' } });
  const sasl = { account: 'ann', password: 'hunter2secret' };
  const anna = await ircClient(t, server, { nick: 'anna', sasl });
  const bert = await ircClient(t, server, { nick: 'bert' });
  const { connection, network } = await openIrc(t, server, recordingNetwork([]));
  anna.say('parley', 'hi');
  bert.say('parley', 'hi');
  await until(() => network.private.length === 2, { what: 'both' });
  const maskOf = (nick: string) => network.private.find(({ person }) => person === nick)?.mask;
  const known = { id: 'irc:libera:account:ann', name: 'anna', verified: true };
  t.deepEqual(await connection.identify?.('ANNA', maskOf('anna')), known);
  t.is(await connection.identify?.('bert', maskOf('bert')), null);
  t.is(await connection.identify?.('anna', maskOf('bert')), null, 'somebody else has the nick');
});

for (const [name, start] of [
  ['ngircd', startNgircd],
  ['inspircd', startInspircd],
] as const) {
  test(`irc - identify: a server without services vouches for nobody (${name})`, async (t) => {
    const server = await start(t);
    await ircClient(t, server, { nick: 'anna' });
    const { connection } = await openIrc(t, server, recordingNetwork([]));
    t.is(await connection.identify?.('anna'), null);
    t.is(await connection.identify?.('nobody'), null);
    for (const person of ['', 'anna,bert', '*', 'anna\r\nQUIT', '#quake']) {
      t.is(await connection.identify?.(person), null, JSON.stringify(person));
    }
  });
}

/** A server that says this to WHOIS, and the nicks it was asked about. */
function whois(...answers: readonly string[]) {
  const asked: string[] = [];
  const script = (line: string, peer: { send(...lines: readonly string[]): void }): boolean => {
    if (!line.startsWith('WHOIS')) return false;
    asked.push(line);
    peer.send(...answers.map((answer) => `:raw.test ${answer}`));
    return true;
  };
  return { asked, script };
}

const ANNA = '311 parley anna ann host.test * :Anna';

test('irc - identify: an account, or a nick that services know, is believed; free text is not', async (t) => {
  for (const [answers, account] of [
    [[ANNA, '330 parley anna Ann :is logged in as'], 'Ann'],
    [[ANNA, '330 parley anna Ann :is authed as', '307 parley anna :is a registered nick'], 'Ann'],
    [[ANNA, '307 parley anna :has identified for this nick'], 'anna'],
    [[ANNA, '320 parley anna :is logged in as root'], null],
    [[ANNA, '330 parley anna :is logged in as root'], null],
    [[ANNA, '330 parley bert Bert :is logged in as'], null],
    [[ANNA, '330 parley anna * :is logged in as'], null],
    [['330 parley anna Ann :is logged in as'], null],
    [['401 parley anna :No such nick'], null],
    [[], null],
  ] as const) {
    const { script } = whois(...answers);
    const { connection, stop } = await openRaw(t, { script });
    const author = await connection.identify?.('anna', 'anna!ann@host.test');
    t.is(author?.id, account === null ? undefined : `irc:libera:account:${account}`, answers.join());
    await stop();
  }
});

test('irc - identify: who took the nick meanwhile is not who spoke', async (t) => {
  const { script } = whois(ANNA, '330 parley anna Ann :is logged in as');
  const { connection } = await openRaw(t, { script });
  t.is(await connection.identify?.('anna', 'anna!evil@host.test'), null);
  t.is(await connection.identify?.('anna', 'anna!ann@evil.test'), null);
  t.is(await connection.identify?.('anna', 'evil!ann@host.test'), null);
});

test('irc - identify: asked at once by many, the server is asked once', async (t) => {
  const { script, asked } = whois(ANNA, '330 parley anna Ann :is logged in as');
  const { connection } = await openRaw(t, { script });
  const authors = await Promise.all(
    Array.from({ length: 50 }, (_, index) => connection.identify?.(index % 2 ? 'anna' : 'ANNA')),
  );
  t.true(authors.every((author) => author?.name === 'anna'));
  t.is(asked.length, 1);
});

test('irc - identify: what was asked and what is said do not take each other for theirs', async (t) => {
  const { connection } = await openRaw(t, {
    script(line, peer) {
      if (line.startsWith('WHOIS')) peer.send(':raw.test 401 parley anna :No such nick');
      return line.startsWith('WHOIS');
    },
  });
  const [author, receipt] = await Promise.all([
    connection.identify?.('anna'),
    connection.deliver(message('anna', 'hi', { private: true })),
  ]);
  t.is(author, null);
  t.deepEqual(receipt, { nativeId: null });
});

test('irc - identify: a server that is busy, silent or gone gives no verdict', async (t) => {
  const busy = await openRaw(t, whois('263 parley WHOIS :Try again later'));
  const outcomeOf = async (asking: Promise<unknown> | undefined) =>
    (await t.throwsAsync(asking ?? Promise.resolve(), { instanceOf: DeliveryError })).outcome;
  t.is(await outcomeOf(busy.connection.identify?.('anna')), 'unavailable');
  const silent = await openRaw(t, { script: (line) => line.startsWith('PING') });
  const asking = outcomeOf(silent.connection.identify?.('anna'));
  await silent.peer.waitFor(/WHOIS/);
  silent.peer.destroy();
  t.is(await asking, 'unavailable');
});

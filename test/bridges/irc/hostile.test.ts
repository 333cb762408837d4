import test from 'ava';
import fc from 'fast-check';
import { openRaw } from './network.js';

const COMMANDS = [
  ...[
    'PRIVMSG',
    'NOTICE',
    'JOIN',
    'PART',
    'QUIT',
    'NICK',
    'KICK',
    'TOPIC',
    'MODE',
    'CAP',
    'BATCH',
    'AUTHENTICATE',
  ],
  ...[
    'INVITE',
    'ACCOUNT',
    'CHGHOST',
    'SETNAME',
    'AWAY',
    'PONG',
    'FAIL',
    'ACK',
    'TAGMSG',
    'WALLOPS',
    'UNKNOWN',
    '',
  ],
];
const NUMERICS = fc.integer({ min: 1, max: 999 }).map((value) => String(value).padStart(3, '0'));
/** These end a connection by right. */
const FATAL = new Set(['464', '465']);

const word = fc.oneof(
  fc.constantFrom(
    '#quake',
    'parley',
    '#',
    '@#quake',
    '+s',
    '-s',
    '*',
    '',
    'LS',
    'ACK',
    'NAK',
    'NEW',
    'DEL',
    '\x01ACTION',
    '\x01',
    'CHANTYPES',
    'PREFIX=(',
    'PREFIX=',
    'CASEMAPPING',
    'STATUSMSG',
    'CHANMODES',
    'sasl',
    '729',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const source = fc.constantFrom('', ':anna!a@h ', ':parley!parley@bot.test ', ':raw.test ', ': ', ':!@ ');
const tags = fc.constantFrom(
  '',
  '@time=x;batch=s;label=1 ',
  '@ ',
  '@;;=; ',
  '@time=2026-01-01T00:00:00.000Z;msgid=1 ',
  '@batch=zz;account= ',
);
const command = fc.oneof(
  fc.constantFrom(...COMMANDS),
  NUMERICS.filter((value) => !FATAL.has(value)),
);

const line = fc
  .record({ tags, source, command, words: fc.array(word, { maxLength: 6 }), last: fc.boolean() })
  .map(({ tags, source, command, words, last }) =>
    [
      `${tags}${source}${command}`,
      ...words.slice(0, -1),
      ...words.slice(-1).map((text) => (last ? `:${text}` : text)),
    ].join(' '),
  )
  // Our own nick or place in the channel must survive, or the last line of the test says nothing.
  .filter((text) => !/^(@\S* )?(:\S* )?(ERROR|PING)/i.test(text));

const HOSTILE = { caps: 'batch message-tags echo-message labeled-response sasl server-time extended-join' };

test('irc - Malformed input: no line from the server ends the connection or escapes as an error', async (t) => {
  const { peer, connection, network } = await openRaw(t, HOSTILE, { rejoin: { delay: '1ms', max: 1000 } });
  let ended: unknown = null;
  connection.closed.catch((error: unknown) => {
    ended = error;
  });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 20, maxLength: 60 }), async (lines) => {
      peer.send(...lines.map((text) => text.replace(/[\r\n]/g, '')));
      await peer.roundtrip();
      t.is(ended, null);
    }),
    { numRuns: 120 },
  );
  peer.send(':anna!a@h PRIVMSG #quake :still here');
  await peer.roundtrip();
  t.true(network.texts().includes('still here'));
});

test('irc - Malformed input: random bytes do no harm either', async (t) => {
  const { peer, connection, network } = await openRaw(t, HOSTILE);
  let ended: unknown = null;
  connection.closed.catch((error: unknown) => {
    ended = error;
  });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      peer.sendBytes(bytes);
      peer.sendBytes(Buffer.from('\r\n'));
      await peer.roundtrip();
      t.is(ended, null);
    }),
    { numRuns: 60 },
  );
  peer.send(':anna!a@h PRIVMSG #quake :still here');
  await peer.roundtrip();
  t.true(network.texts().includes('still here'));
});

test('irc - Malformed input: PRIVMSG without parameters is logged and dropped', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(
    ':anna!a@h PRIVMSG',
    ':anna!a@h NOTICE #quake',
    ':raw.test 005',
    ':raw.test CAP',
    'BATCH',
    'AUTHENTICATE',
    ':x',
  );
  await peer.roundtrip();
  t.deepEqual(network.events, []);
  t.true(network.logged.filter((entry) => entry.startsWith('line from the server dropped')).length >= 4);
});

test('irc - Malformed input: a flood of bad lines does not flood the log', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(...Array.from({ length: 2500 }, () => ':anna!a@h PRIVMSG'));
  await peer.roundtrip();
  t.is(network.logged.filter((entry) => entry.startsWith('line from the server dropped')).length, 7);
});

test('irc - Malformed input: a line of megabytes is cut and the next one read', async (t) => {
  const { peer, network } = await openRaw(t);
  peer.send(`:anna!a@h PRIVMSG #quake :${'x'.repeat(2_000_000)}`, ':anna!a@h PRIVMSG #quake :next');
  await peer.roundtrip();
  t.is(network.texts().at(-1), 'next');
  t.true((network.texts()[0] ?? '').length <= 16_384);
  t.is(network.logged.filter((entry) => /too long/.test(entry)).length, 1);
});

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { DeliveryError, type OutboundMessage } from '../../../src/bridge.js';
import { type IrcClient, ircClient, startInspircd, startNgircd, until } from '../../peers/index.js';
import { message, openIrc, openRaw, recordingNetwork } from './network.js';

const alone = (nick: string, text: string, fields: Partial<OutboundMessage> = {}) =>
  message(nick, text, { private: true, ...fields });

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof DeliveryError ? error.outcome : String(error);
}

/** Texts of the notices that this client got alone. */
function noticed(client: IrcClient, nick: string): readonly string[] {
  return client.received
    .filter(
      ({ command, params, raw }) =>
        command === 'NOTICE' && params[0]?.toLowerCase() === nick && raw.includes('!'),
    )
    .map(({ text }) => text);
}

for (const [name, start] of [
  ['ngircd', startNgircd],
  ['inspircd', startInspircd],
] as const) {
  test(`irc - private: an answer is a notice to one nick, in order, and whole up to the room (${name})`, async (t) => {
    const server = await start(t);
    const anna = await ircClient(t, server, { nick: 'anna' });
    const { connection } = await openIrc(t, server, recordingNetwork([]));
    const room = connection.roomFor?.('anna', 'command.reply') ?? 0;
    const texts = ['one', 'ünï 漢字', 'x'.repeat(room), 'last'];
    await Promise.all(texts.map((text) => connection.deliver(alone('anna', text))));
    await until(() => noticed(anna, 'anna').length === 4, { what: 'four notices' });
    t.deepEqual(noticed(anna, 'anna'), texts);
    t.deepEqual(anna.heard(), []);
  });
}

test('irc - private: who is away has got it, who is not there has not (inspircd)', async (t) => {
  const server = await startInspircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  anna.send('AWAY :at lunch');
  await anna.roundtrip();
  const { connection } = await openIrc(t, server, recordingNetwork([]));
  const nicks = ['anna', 'nobody', 'ANNA', 'nobody'];
  const outcomes = nicks.map((nick) => outcomeOf(connection.deliver(alone(nick, 'hi'))));
  t.deepEqual(await Promise.all(outcomes), ['null', 'rejected', 'null', 'rejected']);
  await until(() => noticed(anna, 'anna').length === 2, { what: 'two notices' });
});

test('irc - private: a server that answers no notices confirms that it has read them (ngircd)', async (t) => {
  const server = await startNgircd(t);
  const anna = await ircClient(t, server, { nick: 'anna' });
  anna.send('AWAY :at lunch');
  await anna.roundtrip();
  const { connection } = await openIrc(t, server, recordingNetwork([]));
  const nicks = ['nobody', 'anna'];
  const outcomes = nicks.map((nick) => outcomeOf(connection.deliver(alone(nick, 'hi'))));
  t.deepEqual(await Promise.all(outcomes), ['null', 'null']);
  await until(() => noticed(anna, 'anna').length === 1, { what: 'a notice' });
});

test('irc - private: those who take no messages are told as rejected, with the reason (inspircd)', async (t) => {
  const modules = ['callerid', 'commonchans'];
  const server = await startInspircd(t, { modules });
  const { connection } = await openIrc(t, server, recordingNetwork([]));
  for (const [mode, reason] of [
    ['g', /^anna: 716 ERR_TARGUMODEG: /],
    ['c', /^anna: 531 ERR_CANTSENDTOUSER: /],
    ['R', /^anna: 477 ERR_NEEDREGGEDNICK: /],
  ] as const) {
    const anna = await ircClient(t, server, { nick: 'anna' });
    anna.send(`MODE anna +${mode}`);
    await anna.roundtrip();
    const error = await t.throwsAsync(connection.deliver(alone('anna', 'hi')), { instanceOf: DeliveryError });
    t.is(error.outcome, 'rejected');
    t.regex(error.message, reason);
    await anna.quit();
    await until(async () => (await outcomeOf(connection.deliver(alone('anna', 'gone?')))) === 'rejected', {
      what: 'the nick to be free',
    });
  }
});

test('irc - private: a target that comes too fast is tried again later', async (t) => {
  const { connection } = await openRaw(t, {
    script(line, peer) {
      if (line.startsWith('NOTICE')) peer.send(':raw.test 439 parley anna :Target change too fast');
      return line.startsWith('NOTICE');
    },
  });
  t.is(await outcomeOf(connection.deliver(alone('anna', 'x'))), 'unavailable');
});

test('irc - private: a refusal for a nick touches no line to a channel', async (t) => {
  const { connection, peer } = await openRaw(t, {
    script(line, server) {
      if (line.startsWith('NOTICE')) server.send(':raw.test 401 parley ANNA :No such nick');
      return line.startsWith('NOTICE');
    },
  });
  const outcomes = [
    outcomeOf(connection.deliver(alone('anna', 'x'))),
    outcomeOf(connection.deliver(message('#quake', 'x'))),
  ];
  t.deepEqual(await Promise.all(outcomes), ['rejected', 'null']);
  t.true(peer.received.includes('NOTICE anna :x'), 'it carries no mark');
});

test('irc - private: an action, line breaks and a CTCP become plain notices', async (t) => {
  const { connection, peer } = await openRaw(t);
  await connection.deliver(alone('anna', 'waves', { type: 'chat.action' }));
  await connection.deliver(alone('anna', 'a\r\nQUIT :b'));
  await connection.deliver(alone('anna', '\x01VERSION\x01'));
  t.deepEqual(
    peer.received.filter((line) => line.startsWith('NOTICE')),
    ['NOTICE anna :waves', 'NOTICE anna :a', 'NOTICE anna :QUIT :b', 'NOTICE anna :VERSION'],
  );
});

const HOSTILE = [
  ...[
    '',
    ' ',
    'two words',
    'a,b',
    '#quake',
    '&local',
    '+modeless',
    '!safe',
    '@#quake',
    '%#quake',
    '$*',
    '$$*.test',
  ],
  ...[
    'anna!a@h',
    'anna@host.test',
    'user%host',
    'Q@CServe.quakenet.org',
    'raw.test',
    '*',
    'a*',
    'a?',
    ':anna',
  ],
  ...[
    'anna\r\nQUIT',
    'anna\nQUIT',
    'anna\0',
    'a\u00a0b',
    'a\u2028b',
    '\ud800',
    'x'.repeat(129),
    '*status',
    'parley',
  ],
];

test('irc - private: what is no nick of another is refused before a byte of it leaves', async (t) => {
  const { connection, peer } = await openRaw(t);
  const from = peer.received.length;
  for (const address of HOSTILE) {
    t.is(await outcomeOf(connection.deliver(alone(address, 'x'))), 'rejected', JSON.stringify(address));
  }
  await peer.roundtrip();
  assertSaid(t, peer.received.slice(from), /^never$/);
});

test('irc - private: nicks of every kind that servers allow are taken', async (t) => {
  const { connection } = await openRaw(t, {}, { confirm: 'none' });
  for (const nick of [
    'anna',
    '[Z]ero|afk',
    '\\o_',
    '`^{}',
    'x-1',
    '012AAAAAB',
    '-dash',
    'Zoë',
    '漢字',
    'a~b',
    'a;b',
  ]) {
    t.is(await outcomeOf(connection.deliver(alone(nick, 'x'))), 'null', nick);
  }
});

test('irc - private: whatever the address and the text, only notices to one nick leave', async (t) => {
  const { connection, peer } = await openRaw(t, {}, { confirm: 'none' });
  const piece = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\0',
      '\x01',
      ':',
      ' ',
      ',',
      '!',
      '@',
      '#',
      '$',
      '*',
      '%',
      '.',
      'QUIT',
      'anna',
    ),
    fc.string({ maxLength: 4 }),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const from = peer.received.length;
  await fc.assert(
    fc.asyncProperty(text, text, async (address, value) => {
      const outcome = await outcomeOf(connection.deliver(alone(address, value)));
      if (outcome !== 'null') t.is(outcome, 'rejected');
    }),
    {
      numRuns: 500,
      examples: [
        ...HOSTILE.map((address): [string, string] => [address, 'x']),
        ['anna', '\0'],
        ['anna', '\x01'],
      ],
    },
  );
  await peer.roundtrip();
  assertSaid(t, peer.received.slice(from), /^NOTICE [^\s,:!@#&$*?%.\x00-\x1f]+ :[^\r\n\0]+$/);
});

function assertSaid(t: ExecutionContext, lines: readonly string[], form: RegExp): void {
  for (const line of lines) if (!line.startsWith('PONG')) t.regex(line, form);
}

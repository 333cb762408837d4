import test from 'ava';
import { ConfigError } from '../../src/config/index.js';
import { faultLines, faultsOf, loadText, NETWORKS } from './loading.js';

const LIBERA = `networks:
  libera:
    bridge: irc
    host: irc.libera.chat
    nick: parley
`;

test('config - a wrong value is named with file, line, column, path and a hint', async (t) => {
  const lines = await faultLines(t, `${LIBERA}    port: 66970\n`);
  t.deepEqual(lines, [
    'parley.yaml:6:11 networks.libera.port: expected a port 1-65535, got 66970. Usually 6697 (TLS) or 6667.',
  ]);
});

test('config - a fault has its parts as fields', async (t) => {
  const [fault] = await faultsOf(t, `${LIBERA}    port: 66970\n`);
  t.deepEqual(fault, {
    file: 'parley.yaml',
    line: 6,
    col: 11,
    path: 'networks.libera.port',
    expected: 'a port 1-65535',
    got: '66970',
    hint: 'Usually 6697 (TLS) or 6667.',
  });
});

test('config - all faults of a file are reported in one run, in its order', async (t) => {
  const faults = await faultsOf(
    t,
    `prefix: "a b"
networks:
  libera: { bridge: irc, host: "a b", port: 0, colour: red }
  other: { bridge: ircc }
rooms:
  lobby: { channels: [{ libera: nohash }, { libra: "#a" }], show: [joins] }
log: { level: loud }
`,
  );
  t.deepEqual(
    faults.map(({ line, path }) => `${line} ${path}`),
    [
      '1 prefix',
      '3 networks.libera.nick',
      '3 networks.libera.host',
      '3 networks.libera.port',
      '3 networks.libera.colour',
      '4 networks.other.bridge',
      '6 rooms.lobby.channels[0].libera',
      '6 rooms.lobby.channels[1].libra',
      '6 rooms.lobby.show[0]',
      '7 log.level',
    ],
  );
});

test('config - the error has a code and says what to do', async (t) => {
  const error = await t.throwsAsync(loadText(t, 'nod: {}'), { instanceOf: ConfigError });
  t.is(error.code, 'CONFIG_INVALID');
  t.regex(error.fix ?? '', /parley check/);
});

/** One line of YAML below a good network, and the end of its only fault. */
const FIELDS: readonly (readonly [what: string, yaml: string, fault: string])[] = [
  ['an unknown key', 'hots: x', '.hots: expected a known key, got "hots". Did you mean "host"?'],
  [
    'an unknown key of its own',
    'maxage: 1h',
    '.maxage: expected a known key, got "maxage". Did you mean "maxAge"?',
  ],
  [
    'an unknown nested key',
    'tls: { verfy: no }',
    '.tls.verfy: expected a known key, got "verfy". Did you mean "verify"?',
  ],
  ['a number for a text', 'realname: 12', '.realname: expected a text, got 12. Put quotes around it.'],
  [
    'a text for a number',
    'port: "6697"',
    '.port: expected a port 1-65535, got "6697". Usually 6697 (TLS) or 6667.',
  ],
  ['a list for a text', 'username: [a]', '.username: expected a text, got a list.'],
  [
    'a text for a switch',
    'tls: yes',
    '.tls: expected true or false or a mapping of keys and values, got "yes".',
  ],
  ['nothing at all', 'realname:', '.realname: expected a text, got nothing. Real name.'],
  [
    'a duration without unit',
    'maxAge: 15',
    '.maxAge: expected a duration such as "30s", "15m" or "7d", got 15.',
  ],
  ['too little', 'maxLines: 0', '.maxLines: expected a whole number, at least 1, got 0.'],
  ['a fraction', 'maxLines: 1.5', '.maxLines: expected a whole number, got 1.5.'],
  [
    'half a mapping',
    'flood: { burst: 1 }',
    '.flood.perSecond: expected a number, got nothing. Lines per second after that.',
  ],
  [
    'an unknown placeholder',
    'nickFormat: "<{nik}>"',
    '.nickFormat: expected a text with {nick}, {network}, {room}, {channel}, {bridge}, got "<{nik}>". Did you mean "nick"?',
  ],
];

for (const [what, yaml, expected] of FIELDS) {
  test(`config - ${what} in a network is explained`, async (t) => {
    const [line = '', ...more] = await faultLines(t, `${LIBERA}    ${yaml}\n`);
    t.deepEqual(more, []);
    t.is(line.slice(line.indexOf(' ') + 1), `networks.libera${expected}`);
  });
}

/** A file, and its only fault. */
const TEXTS: readonly (readonly [what: string, yaml: string, fault: string])[] = [
  [
    'an unknown kind of bridge',
    'networks: { a: { bridge: irk, host: x } }',
    '1:26 networks.a.bridge: expected the kind of the network: "irc" or "loud", got "irk". Did you mean "irc"?',
  ],
  [
    'a network without a kind',
    'networks: { a: { host: x } }',
    '1:13 networks.a.bridge: expected the kind of the network: "irc" or "loud", got nothing.',
  ],
  [
    'an unknown key of a bridge that is not strict',
    'networks: { a: { bridge: loud, volum: 1 } }',
    '1:32 networks.a.volum: expected a known key, got "volum". Did you mean "volume"?',
  ],
  [
    'a name that cannot be part of a subject',
    'networks: { "a b": { bridge: loud } }',
    '1:13 networks["a b"]: expected a name of 1-64 letters, digits, ".", "_" or "-", got "a b".',
  ],
  [
    'a list of networks',
    'networks: [a]',
    '1:11 networks: expected a mapping of networks by name, got a list.',
  ],
  ['a file that is no mapping', '- a', '1:1: expected a mapping with `networks` and `rooms`, got a list.'],
  [
    'both node and backbone',
    'node: {}\nbackbone: { servers: ["nats://127.0.0.1:4222"] }',
    '2:1 backbone: expected either `node` or `backbone`, got both. `node` runs a nats-server here, `backbone` uses the servers of others: remove one.',
  ],
  [
    'a password without user',
    'backbone: { servers: [localhost], password: secret }',
    '1:1 backbone.user: expected the user that `password` belongs to, got nothing.',
  ],
  [
    'an address that others can reach',
    'http: { listen: "0.0.0.0:8088" }',
    '1:17 http.listen: expected an address of this machine only, such as 127.0.0.1, got "0.0.0.0:8088". Write `publicBind: true` beside it to let other machines in.',
  ],
  [
    'a port that does not exist',
    'node: { listen: "127.0.0.1:70000" }',
    '1:17 node.listen: expected an address such as "127.0.0.1:8088", "127.0.0.1:auto" or "auto", got "127.0.0.1:70000".',
  ],
  [
    'an unknown scope',
    `http: { tokens: [{ name: a, hash: "sha256:${'0'.repeat(64)}", scopes: [root] }] }`,
    '1:119 http.tokens[0].scopes[0]: expected "read", "write", "status", "config", "admin", "read:<room>", "write:<room>" or "config:<document>", got "root".',
  ],
  [
    'a number of replicas that NATS has not',
    'history: { replicas: 2 }',
    '1:22 history.replicas: expected 1, 3 or 5, got 2.',
  ],
  [
    'a size without unit',
    'history: { maxBytes: 1000 }',
    '1:22 history.maxBytes: expected a size such as "512MB" or "1GB", got 1000.',
  ],
];

for (const [what, yaml, expected] of TEXTS) {
  test(`config - ${what} is explained`, async (t) => {
    t.deepEqual(await faultLines(t, yaml), [`parley.yaml:${expected}`]);
  });
}

/** An entry of a room's channels, and its only fault. */
const ENTRIES: readonly (readonly [what: string, yaml: string, fault: string])[] = [
  [
    'an unknown network',
    '{ quaknet: "#a" }',
    '.quaknet: expected the name of a network, got "quaknet". Did you mean "quakenet"?',
  ],
  [
    'a name like no network',
    '{ x: "#a" }',
    '.x: expected the name of a network, got "x". Networks are: quakenet, undernet.',
  ],
  [
    'a channel that the bridge refuses',
    '{ quakenet: "a" }',
    '.quakenet: expected a channel name such as "#quake", got "a".',
  ],
  [
    'a channel that is a number',
    '{ quakenet: 12 }',
    '.quakenet: expected a channel, got 12. Put quotes around it.',
  ],
  ['a text', '"#a"', ': expected one network with its channel, such as `quakenet: "#quakeworld"`, got "#a".'],
  [
    'two networks',
    '{ quakenet: "#a", undernet: "#a" }',
    '.undernet: expected one network with its channel, such as `quakenet: "#quakeworld"`, got two: "quakenet" and "undernet". Start a new entry with "- " for each.',
  ],
  [
    'no network',
    '{ direction: in }',
    ': expected one network with its channel, such as `quakenet: "#quakeworld"`, got no network.',
  ],
  [
    'an unknown direction',
    '{ quakenet: "#a", direction: bth }',
    '.direction: expected "in", "out" or "both", got "bth". Did you mean "both"?',
  ],
  [
    'an unknown option',
    '{ quakenet: "#a", kee: x }',
    '.kee: expected a known key, got "kee". Did you mean "key"?',
  ],
  [
    'a pattern that RE2 has not',
    '{ quakenet: "#a", filter: { ignoreText: ["(?=a)"] } }',
    '.filter.ignoreText[0]: expected an RE2 pattern, got "(?=a)". RE2 has no look-around and no back-references; https://github.com/google/re2/wiki/Syntax lists what it has.',
  ],
  [
    'a pattern that is too costly',
    '{ quakenet: "#a", filter: { replace: [{ pattern: "(a{1,70}){2}", with: b }] } }',
    '.filter.replace[0].pattern: expected a pattern of at most 150 steps, got "(a{1,70}){2}". It takes 284 steps, about one per character times the count of a repetition: make it shorter, its {n,m} smaller, or two of it.',
  ],
  [
    'a pattern that is too long',
    `{ quakenet: "#a", filter: { ignoreNicks: ["${'x'.repeat(201)}"] } }`,
    `.filter.ignoreNicks[0]: expected a pattern of at most 200 characters, got "${'x'.repeat(60)}…". It has 201 characters: make two of it.`,
  ],
];

for (const [what, entry, expected] of ENTRIES) {
  test(`config - ${what} as a channel is explained`, async (t) => {
    const [line = '', ...more] = await faultLines(
      t,
      `${NETWORKS}rooms: { lobby: { channels: [${entry}] } }\n`,
    );
    t.deepEqual(more, []);
    t.is(line.slice(line.indexOf(' ') + 1), `rooms.lobby.channels[0]${expected}`);
  });
}

test('config - a channel without quotes is explained: # starts a comment', async (t) => {
  const lines = await faultLines(t, `${NETWORKS}rooms:\n  lobby:\n    channels:\n      - quakenet: #a\n`);
  t.is(lines.length, 1);
  t.regex(
    lines[0] ?? '',
    /channels\[0\]\.quakenet: expected a channel, got nothing\. Put quotes around it: # starts/,
  );
});

test('config - the same channel twice in a room is refused', async (t) => {
  const lines = await faultLines(
    t,
    `${NETWORKS}rooms: { lobby: { channels: [{ quakenet: "#a" }, { undernet: "#a" }, { quakenet: "#a" }] } }`,
  );
  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /channels\[2\]: expected each channel once in a room, got quakenet "#a" again/);
});

test('config - a network that has faults is still known to rooms', async (t) => {
  const faults = await faultsOf(t, `${LIBERA}    port: 0\nrooms: { a: { channels: [{ libera: "#a" }] } }\n`);
  t.deepEqual(
    faults.map(({ path }) => path),
    ['networks.libera.port'],
  );
});

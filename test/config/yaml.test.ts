import test from 'ava';
import fc from 'fast-check';
import { ConfigError } from '../../src/config/index.js';
import { faultLines, faultsOf, loadText, NETWORKS } from './loading.js';

/** A broken text, and its first fault. */
const BROKEN: readonly (readonly [what: string, yaml: string, fault: RegExp])[] = [
  ['a tab', 'log:\n\tlevel: info', /^parley\.yaml:2:1: expected spaces, got a tab/],
  [
    'a key twice',
    'log: {}\nlog: {}',
    /^parley\.yaml:2:1 log: expected each key once, got the same key again/,
  ],
  [
    'an open quote',
    'prefix: "abc',
    /^parley\.yaml:1:13: expected YAML, got broken syntax \(Missing closing "quote\)/,
  ],
  [
    'a colon in a value',
    'prefix: a: b',
    /^parley\.yaml:1:9: expected one `key: value` on a line, got a second colon/,
  ],
  [
    'an alias of nothing',
    'prefix: *a',
    /^parley\.yaml:1:9 prefix: expected an anchor of this name further up, got none/,
  ],
  ['a second document', 'prefix: a\n---\nprefix: b', /expected one document, got a second one/],
  ['an unknown tag', 'prefix: !secret a', /^parley\.yaml:1:9: expected a value without a tag/],
];

for (const [what, yaml, fault] of BROKEN) {
  test(`config yaml - ${what} is reported with its place`, async (t) => {
    const [first = ''] = await faultLines(t, yaml);
    t.regex(first, fault);
  });
}

test('config yaml - faults beside a key given twice are reported too', async (t) => {
  const faults = await faultsOf(t, 'log: { level: loud }\nprefix: a\nprefix: b\n');
  t.deepEqual(
    faults.map(({ line, col }) => [line, col]),
    [
      [1, 15],
      [3, 1],
    ],
  );
});

test('config yaml - anchors, aliases and merge keys work', async (t) => {
  const { config } = await loadText(
    t,
    `x-irc: &irc { bridge: irc, nick: parley, maxAge: 1h }
networks:
  a: { <<: *irc, host: a.example }
  b: { <<: [*irc], host: b.example, maxAge: 2h }
`,
  );
  t.like(config.networks.get('a'), { bridge: 'irc', maxAgeMs: 3_600_000 });
  t.like(config.networks.get('b'), { maxAgeMs: 7_200_000 });
});

test('config yaml - a fault in a merged mapping is reported where it stands', async (t) => {
  const [fault] = await faultsOf(
    t,
    'x-irc: &irc { bridge: irc, nick: "a b" }\nnetworks:\n  a: { <<: *irc, host: a.example }\n',
  );
  t.like(fault, { line: 1, col: 34, path: 'networks.a.nick' });
});

test('config yaml - aliases that multiply are refused quickly', async (t) => {
  const bomb = Array.from({ length: 30 }, (_, level) => {
    const inner =
      level === 0
        ? '[x, x, x, x, x, x, x, x, x]'
        : `[${Array(9)
            .fill(`*a${level - 1}`)
            .join(', ')}]`;
    return `x-${level}: &a${level} ${inner}`;
  });
  const started = performance.now();
  const [line = '', ...more] = await faultLines(t, bomb.join('\n'));
  t.deepEqual(more, []);
  t.regex(line, /expected aliases of at most 100000 values, got more/);
  t.true(performance.now() - started < 10_000);
});

test('config yaml - an alias inside its own anchor is refused', async (t) => {
  const [line = ''] = await faultLines(t, 'x-a: &a [*a]\n');
  t.regex(line, /expected an alias of another value, got one of itself/);
});

test('config yaml - a file nested without end is refused', async (t) => {
  const [line = ''] = await faultLines(t, `x-a: ${'['.repeat(20_000)}`);
  t.regex(line, /nested too deep|64 levels|expected/);
});

test('config yaml - keys that mean something to JavaScript are ordinary unknown keys', async (t) => {
  const faults = await faultsOf(
    t,
    '__proto__: { a: 1 }\nconstructor: 2\nnetworks: { a: { bridge: loud, __proto__: 1 } }\n',
  );
  t.deepEqual(
    faults.map(({ path }) => path),
    ['__proto__', 'constructor', 'networks.a.__proto__'],
  );
});

test('config yaml - a network and a room may have any such name', async (t) => {
  const { config } = await loadText(
    t,
    'networks: { __proto__: { bridge: loud } }\nrooms: { constructor: { channels: [{ __proto__: x }] } }\n',
  );
  t.is(config.rooms.get('constructor')?.channels[0]?.network, '__proto__');
});

test('config yaml - names that look like numbers stay names', async (t) => {
  const { config } = await loadText(
    t,
    'networks: { 007: { bridge: loud } }\nrooms: { 2026: { channels: [{ 007: x }] } }\n',
  );
  t.deepEqual([...config.networks.keys(), ...config.rooms.keys()], ['007', '2026']);
});

test('config yaml - any text loads or is refused with faults', async (t) => {
  const word = fc.oneof(
    fc.constantFrom(
      'networks',
      'rooms',
      'a',
      'bridge',
      'irc',
      'loud',
      'channels',
      '#a',
      '&x',
      '*x',
      '<<',
      '- ',
      '$',
    ),
    fc.constantFrom(
      ': ',
      ', ',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '\n  ',
      '"',
      "'",
      '|',
      '>',
      '!!str ',
      '---',
      '\t',
      '{ ',
    ),
    fc.string({ maxLength: 4, unit: 'binary' }),
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(text, async (source) => {
      try {
        await loadText(t, source.toWellFormed());
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        if (error.faults.length === 0) throw error;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('config yaml - any value in any place loads or is refused with faults', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), fc.nat(7), async (value, place) => {
      const json = JSON.stringify(value).replaceAll('${', '$$${');
      const texts = [
        `networks: ${json}`,
        `rooms: ${json}`,
        `networks: { a: ${json} }`,
        `${NETWORKS}rooms: { a: ${json} }`,
        `${NETWORKS}rooms: { a: { channels: ${json} } }`,
        `${NETWORKS}rooms: { a: { channels: [${json}] } }`,
        `${NETWORKS}rooms: { a: { channels: [{ quakenet: "#a", filter: ${json} }] } }`,
        `http: ${json}\nbackbone: ${json}\nlog: ${json}`,
      ];
      try {
        await loadText(t, texts[place] ?? '');
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

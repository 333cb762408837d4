import test from 'ava';
import fc from 'fast-check';
import { ConfigError, type Loaded, loadConfig } from '../../src/config/index.js';
import { fakeBridges, kinds } from './bridges.js';
import { NETWORKS } from './loading.js';

function load(text: string, previous?: Loaded): Promise<Loaded> {
  const given = previous === undefined ? {} : { previous };
  const env = { KEY: 'sesame' };
  return loadConfig({ source: 'parley.yaml', text, env, bridges: fakeBridges, kinds, cwd: '/', ...given });
}

const ROOMS = `rooms:
  a:
    channels:
      - quakenet: "#a"
      - undernet: "#a"
        key: "\${KEY}"

  # the second
  b:
    show: [kick]
    channels:
      - quakenet: "#b"
  c: { channels: [{ undernet: "#c" }] }
`;
const TEXT = `${NETWORKS}${ROOMS}
log:
  level: info
`;

/** An edit of TEXT, and whether only rooms are read again. */
const EDITS: readonly (readonly [what: string, from: string, to: string, quick: boolean])[] = [
  ['a room added at the end', 'log:', '  d: { channels: [{ quakenet: "#d" }] }\nlog:', true],
  ['a room added between', '  b:\n', '  d:\n    channels:\n      - quakenet: "#d"\n  b:\n', true],
  ['a room added at the start', 'rooms:\n', 'rooms:\n  d: { channels: [] }\n', true],
  ['a room removed', '  c: { channels: [{ undernet: "#c" }] }\n', '', true],
  ['a room changed', 'show: [kick]', 'show: [kick, topic]', true],
  ['a room renamed', '  b:\n', '  bb:\n', true],
  ['a comment', '# the second', '# the other', true],
  ['nothing', 'log:', 'log:', true],
  ['all rooms gone', ROOMS.slice('rooms:\n'.length), '', true],
  ['another level', 'level: info', 'level: debug', false],
  ['another network', 'irc.quakenet.org', 'irc.example.org', false],
  [
    'a room beside a level',
    '  c: { channels: [{ undernet: "#c" }] }\n\nlog:\n  level: info',
    'log: {}',
    false,
  ],
];

for (const [what, from, to, quick] of EDITS) {
  test(`config quick-reload - ${what} gives what a full load gives`, async (t) => {
    const before = await load(TEXT);
    const edited = TEXT.replace(from, to);
    const after = await load(edited, before);
    t.deepEqual(after, await load(edited));
    // The networks are the same objects only where they were not read again.
    t.is(after.config.networks === before.config.networks, quick);
  });
}

test('config quick-reload - a fault is reported with its place in the whole file', async (t) => {
  const before = await load(TEXT);
  const error = await t.throwsAsync(load(TEXT.replace('show: [kick]', 'show: [kik]'), before), {
    instanceOf: ConfigError,
  });
  t.like(error.faults[0], { line: 13, col: 12, path: 'rooms.b.show[0]' });
});

test('config quick-reload - a name given twice is a fault', async (t) => {
  const before = await load(TEXT);
  await t.throwsAsync(load(TEXT.replace('  b:\n', '  a: { channels: [] }\n  b:\n'), before), {
    instanceOf: ConfigError,
  });
});

async function outcome(text: string, previous?: Loaded): Promise<unknown> {
  try {
    const { config, warnings } = await load(text, previous);
    return { ...config, networks: [...config.networks], rooms: [...config.rooms], warnings };
  } catch (error) {
    return error instanceof ConfigError ? error.faults : Promise.reject(error);
  }
}

test('config quick-reload - any edit gives what a full load gives', async (t) => {
  const before = await load(TEXT);
  const piece = fc.constantFrom(
    ...TEXT.split('\n').map((line) => `${line}\n`),
    ...[
      '  d:',
      '    ',
      '\n',
      ' ',
      '"',
      "'",
      '|',
      '>',
      '[',
      ']',
      '{',
      '}',
      ':',
      '#',
      '- ',
      '*a',
      '&a',
      'rooms:\n',
      '\t',
    ],
    ...['  d: { channels: [] }\n', '  d: |\n', '  "d":\n', '---\n', 'x: "\n', '  ? d\n', '\r\n', '  a: "\n'],
  );
  const edit = fc.record({
    at: fc.nat(TEXT.length),
    cut: fc.nat(60),
    put: fc.array(piece, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
      const edited = edits.reduce(
        (text, { at, cut, put }) => text.slice(0, at) + put.join('') + text.slice(at + cut),
        TEXT,
      );
      t.deepEqual(await outcome(edited, before), await outcome(edited), edited);
    }),
    { numRuns: 500 },
  );
});

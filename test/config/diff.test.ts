import test, { type ExecutionContext } from 'ava';
import { type ConfigDiff, diffConfig, formatDiff, runningConfig } from '../../src/config/index.js';
import { files, load, NETWORKS } from './loading.js';

async function diffOf(t: ExecutionContext, before: string, after: string): Promise<ConfigDiff> {
  const { directory, write } = await files(t);
  await write('before.yaml', before);
  await write('after.yaml', after);
  const [was, is] = [await load('before.yaml', directory), await load('after.yaml', directory)];
  return diffConfig(was.config, is.config);
}

const ROOM = 'rooms: { a: { channels: [{ quakenet: "#a" }] } }\n';

test('config diff - the same text changes nothing', async (t) => {
  const diff = await diffOf(t, NETWORKS + ROOM, `# a comment\n${NETWORKS}${ROOM}`);
  t.true(diff.empty);
  t.is(formatDiff(diff), 'Nothing changed.');
});

test('config diff - an added room touches no network', async (t) => {
  const diff = await diffOf(t, NETWORKS, NETWORKS + ROOM);
  t.deepEqual(diff.rooms, { added: ['a'], removed: [], changed: [] });
  t.deepEqual(diff.networks, { added: [], removed: [], changed: [] });
  t.deepEqual(diff.restart, []);
});

test('config diff - networks that come and go are named', async (t) => {
  const diff = await diffOf(t, NETWORKS, NETWORKS.replace('undernet:', 'efnet:'));
  t.deepEqual(diff.networks.added, ['efnet']);
  t.deepEqual(diff.networks.removed, ['undernet']);
});

test('config diff - a field of the bridge reconnects the network', async (t) => {
  const diff = await diffOf(t, NETWORKS, NETWORKS.replace('irc.quakenet.org', 'irc.example.org'));
  t.deepEqual(diff.networks.changed, [
    {
      name: 'quakenet',
      changes: [{ key: 'host', before: '"irc.quakenet.org"', after: '"irc.example.org"', secret: false }],
      reconnect: true,
    },
  ]);
});

test('config diff - a common field does not reconnect the network', async (t) => {
  const diff = await diffOf(
    t,
    NETWORKS,
    NETWORKS.replace('nick: parley', 'nick: parley, maxLines: 5, flood: off'),
  );
  t.like(diff.networks.changed[0], { name: 'quakenet', reconnect: false });
  t.is(
    formatDiff(diff),
    '~ network quakenet\n  ~ flood: null → {"burst":"no limit","perSecond":"no limit"}\n  ~ maxLines: 20 → 5',
  );
});

test('config diff - a room says which of its channels changed', async (t) => {
  const before = 'rooms: { a: { channels: [{ quakenet: "#a" }, { undernet: "#b" }] } }';
  const after =
    'rooms: { a: { show: [kick], channels: [{ undernet: "#b", direction: in }, { undernet: "#c" }] } }';
  const diff = await diffOf(t, NETWORKS + before, NETWORKS + after);
  t.is(
    formatDiff(diff),
    [
      '~ room a',
      '  + undernet #c',
      '  - quakenet #a',
      '  ~ undernet #b',
      '    ~ direction: "both" → "in"',
      '  ~ show: [] → ["kick"]',
    ].join('\n'),
  );
});

test('config diff - what only a restart applies is named', async (t) => {
  const tokens = `tokens: [{ name: a, hash: "sha256:${'0'.repeat(64)}", scopes: [read] }]`;
  const diff = await diffOf(t, 'prefix: a', `prefix: b\nlog: { level: debug }\nhttp: { ${tokens} }`);
  t.deepEqual(diff.restart, ['prefix', 'log']);
  t.deepEqual(
    diff.other.map(({ part, restart }) => [part, restart]),
    [
      ['prefix', true],
      ['http', false],
      ['log', true],
    ],
  );
  t.true(formatDiff(diff).includes('~ prefix (after a restart)\n  ~ value: "a" → "b"'));
});

test('config diff - of http only the address needs a restart', async (t) => {
  const limited = 'http: { rateLimit: { max: 5, window: 1s }, cors: ["https://portal.example"] }';
  const live = await diffOf(t, 'http: {}', limited);
  t.deepEqual([live.other.length, live.restart], [1, []]);
  t.deepEqual((await diffOf(t, 'http: {}', 'http: { listen: "127.0.0.1:8099" }')).restart, ['http']);
  t.deepEqual((await diffOf(t, 'http: {}', 'http: off')).restart, ['http']);
});

test('config diff - what waits for a restart goes on waiting, the rest is taken over', async (t) => {
  const { directory, write } = await files(t);
  await write('started.yaml', 'log: { level: info }\nhttp: { listen: "127.0.0.1:8088" }');
  const changed = 'log: { level: debug }\nhttp: { listen: "127.0.0.1:8099", cors: ["https://a.example"] }';
  await write('loaded.yaml', `${changed}\n${NETWORKS}`);
  const started = await load('started.yaml', directory);
  const { config } = await load('loaded.yaml', directory);
  const running = runningConfig(started.config, config);
  t.deepEqual([running.log.level, running.http?.listen.port], ['info', 8088]);
  t.deepEqual([running.networks.size, running.http?.cors], [2, ['https://a.example']]);
  const diff = diffConfig(running, config);
  t.deepEqual(diff.restart, ['http', 'log']);
  t.deepEqual(diff.networks.added, []);
});

test('config diff - colours are optional', async (t) => {
  const diff = await diffOf(t, NETWORKS, NETWORKS + ROOM);
  t.is(formatDiff(diff), '+ room a');
  t.is(formatDiff(diff, { color: true }), '\x1b[32m+ room a\x1b[0m');
});

test('config diff - it survives JSON', async (t) => {
  const diff = await diffOf(
    t,
    NETWORKS,
    `http: off\n${ROOM}${NETWORKS.replace('nick: parley', 'nick: other')}`,
  );
  t.deepEqual(JSON.parse(JSON.stringify(diff)), diff);
});

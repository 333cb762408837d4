import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ConfigError } from '../../src/config/index.js';
import { ParleyError } from '../../src/errors.js';
import { files, load, loadText, NETWORKS } from './loading.js';

test('config load - an empty file runs a node with its defaults', async (t) => {
  const { config } = await loadText(t, '# nothing yet\n');
  t.deepEqual(config.node?.listen, { host: '127.0.0.1', port: 4222 });
  t.regex(config.node?.name ?? '', /^[A-Za-z0-9._-]{1,64}$/);
  t.is(
    config.node?.name,
    hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64),
  );
  t.is(config.backbone, null);
  t.is(config.prefix, 'parley');
  t.deepEqual(config.history, { maxAgeMs: 30 * 86_400_000, maxBytes: 1_000_000_000, replicas: null });
  t.like(config.http, { listen: { host: '127.0.0.1', port: 8088 }, tokens: [], publicBind: false });
  t.deepEqual(config.log, { level: 'info', format: 'text' });
  t.is(config.demo, null);
  t.is(config.networks.size + config.rooms.size, 0);
});

test('config load - a file that became empty is not taken for one without networks', async (t) => {
  const { directory, write } = await files(t);
  await write('parley.yaml', NETWORKS);
  const previous = await load('parley.yaml', directory);
  await write('parley.yaml', '');
  const error = await t.throwsAsync(load('parley.yaml', directory, {}, previous), {
    instanceOf: ParleyError,
  });
  t.is(error.code, 'CONFIG_UNREADABLE');
  t.regex(error.message, /parley\.yaml is empty/);
  t.regex(error.fix ?? '', /networks: \{\}/);
  await write('parley.yaml', 'networks: {}\n');
  const { config } = await load('parley.yaml', directory, {}, previous);
  t.is(config.networks.size, 0);
});

test('config load - a network has its own fields in settings and the common ones beside them', async (t) => {
  const { config } = await loadText(t, NETWORKS);
  t.deepEqual(config.networks.get('quakenet'), {
    name: 'quakenet',
    bridge: 'irc',
    settings: {
      host: 'irc.quakenet.org',
      port: 6697,
      tls: true,
      nick: 'parley',
      username: 'parley',
      realname: 'Parley',
      connectTimeout: 30_000,
    },
    flood: null,
    maxAgeMs: 900_000,
    maxLines: 20,
    nickFormat: '<{nick}> ',
    colorNicks: true,
    breakPings: true,
    prefer: [],
  });
});

test('config load - flood off is no limit', async (t) => {
  const { config } = await loadText(t, 'networks: { a: { bridge: loud, flood: off } }');
  t.deepEqual(config.networks.get('a')?.flood, { burst: Infinity, perSecond: Infinity });
});

test('config load - a room has its channels with defaults and options filled in', async (t) => {
  const { config } = await loadText(
    t,
    `${NETWORKS}rooms:
  quakeworld:
    show: [kick]
    channels:
      - quakenet: "#quakeworld"
      - undernet: "#qw"
        key: sesame
        direction: in
        show: []
        filter: { ignoreNicks: ["Q"], replace: [{ pattern: a, with: b }] }
`,
  );
  const filter = { ignoreNicks: [], ignoreText: [], replace: [] };
  t.deepEqual(config.rooms.get('quakeworld'), {
    name: 'quakeworld',
    show: ['kick'],
    channels: [
      { network: 'quakenet', channel: '#quakeworld', options: {}, direction: 'both', filter, show: null },
      {
        network: 'undernet',
        channel: '#qw',
        options: { key: 'sesame' },
        direction: 'in',
        filter: { ...filter, ignoreNicks: ['Q'], replace: [{ pattern: 'a', with: 'b' }] },
        show: [],
      },
    ],
  });
});

test('config load - a backbone stands instead of the node', async (t) => {
  const { config } = await loadText(
    t,
    'backbone: { servers: ["nats://a:4222"], user: u, password: p, tls: true }',
  );
  t.is(config.node, null);
  t.deepEqual(config.backbone, { servers: ['nats://a:4222'], user: 'u', password: 'p', tls: {} });
});

test('config load - port 0 and auto are any free port', async (t) => {
  const { config } = await loadText(t, 'node: { listen: "127.0.0.1:0" }\nhttp: { listen: auto }\n');
  t.deepEqual(config.node?.listen, { host: '127.0.0.1', port: null });
  t.deepEqual(config.http?.listen, { host: '127.0.0.1', port: null });
});

test('config load - http can be off, and public when the config says so', async (t) => {
  t.is((await loadText(t, 'http: off')).config.http, null);
  const { config } = await loadText(
    t,
    'http: { listen: "[::]:80", publicBind: true, rateLimit: { max: 5 } }',
  );
  t.like(config.http, { listen: { host: '::', port: 80 }, rateLimit: { max: 5, windowMs: 10_000 } });
});

test('config load - the store is relative to the working directory', async (t) => {
  const { directory, write } = await files(t);
  await write('etc/parley.yaml', 'node: { store: ./data }');
  const { config } = await load('etc/parley.yaml', directory);
  t.is(config.node?.store, join(directory, 'data'));
});

test('config load - a loaded config cannot be changed, to its depths', async (t) => {
  const { config } = await loadText(t, `${NETWORKS}rooms: { a: { channels: [{ quakenet: "#a" }] } }`);
  const settings = config.networks.get('quakenet')?.settings as { host: string };
  t.throws(() => Object.assign(settings, { host: 'x' }), { instanceOf: TypeError });
  t.throws(() => (config.networks as Map<string, unknown>).clear(), { instanceOf: TypeError });
  t.throws(() => [...config.rooms.values()].map(({ channels }) => (channels as unknown[]).pop()), {
    instanceOf: TypeError,
  });
  t.is(config.networks.size, 2);
});

test('config load - what is probably not meant is a warning', async (t) => {
  const { warnings } = await loadText(
    t,
    `${NETWORKS}rooms:
  a: { channels: [{ quakenet: "#a", direction: in }, { quakenet: "#A", direction: in }] }
  b: { channels: [] }
http: { tokens: [{ name: x, hash: "sha256:${'0'.repeat(64)}", scopes: ["read:c"] }] }
bans: { onNetworks: [quakenet, efnet] }
`,
  );
  t.deepEqual(warnings, [
    'networks.undernet: no room has a channel of it, so nothing is heard or said there.',
    'rooms.a: every channel has direction "in", so nothing is said anywhere.',
    'rooms.a: "#a" and "#A" on quakenet may be the same channel.',
    'rooms.b: it has no channels.',
    'http.tokens: the scope "read:c" of x names a room that does not exist.',
    'bans.onNetworks: there is no network "efnet", so nobody is banned there.',
  ]);
});

test('config load - a file that is not there has its own error', async (t) => {
  const error = await t.throwsAsync(load('nowhere.yaml', '/'), { instanceOf: ParleyError });
  t.is(error.code, 'CONFIG_UNREADABLE');
  t.regex(error.fix ?? '', /parley init/);
});

test('config load - a directory, a huge file and a binary are refused', async (t) => {
  const { directory, write } = await files(t);
  await write('huge.yaml', `# ${'x'.repeat(4 * 1024 * 1024)}`);
  await writeFile(join(directory, 'latin1.yaml'), Buffer.from([0x23, 0xe4]));
  for (const source of ['.', 'huge.yaml', 'latin1.yaml']) {
    const error = await t.throwsAsync(load(source, directory), { instanceOf: ParleyError });
    t.is(error.code, 'CONFIG_UNREADABLE', source);
  }
});

/** Answers on a port of its own until the test ends. */
async function serve(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('config load - a URL is fetched, with its credentials and without showing them', async (t) => {
  const seen: (string | undefined)[] = [];
  const host = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.end(request.url === '/good' ? 'prefix: fetched' : 'prefix: "a b"');
  });
  const { config } = await load(`http://u:hunter2@${host}/good`, '/');
  t.is(config.prefix, 'fetched');
  t.deepEqual(seen, [`Basic ${Buffer.from('u:hunter2').toString('base64')}`]);
  const error = await t.throwsAsync(load(`http://u:hunter2@${host}/bad`, '/'), { instanceOf: ConfigError });
  t.true(error.message.startsWith(`http://${host}/bad:1:9 prefix: expected`));
});

test('config load - a URL that fails has its own error', async (t) => {
  const host = await serve(t, (request, response) => {
    if (request.url === '/huge') response.end('#'.repeat(5 * 1024 * 1024));
    else response.writeHead(404).end();
  });
  for (const url of [
    `http://${host}/huge`,
    `http://${host}/gone`,
    'http://127.0.0.1:1/',
    'ftp://127.0.0.1/x',
  ]) {
    const error = await t.throwsAsync(load(url, '/'), { instanceOf: ParleyError });
    t.is(error.code, 'CONFIG_UNREADABLE', url);
    t.not(error.fix, undefined);
  }
});

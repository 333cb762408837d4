import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { BRIDGES } from '../../bridges/index.js';
import { initConfig, type Loaded, loadConfig } from '../../src/config/index.js';
import { files } from './loading.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const PASSWORDS = {
  QUAKENET_PASSWORD: 'one',
  LIBERA_PASSWORD: 'two',
  ADMIN_KEY: 'three',
  NATS_PASSWORD: 'four',
  CONFIG_TOKEN: 'five',
};

function load(source: string, env: Readonly<Record<string, string>> = PASSWORDS): Promise<Loaded> {
  const bridges = async (kind: string) => (await BRIDGES[kind]?.())?.default ?? null;
  return loadConfig({ source, env, bridges, kinds: Object.keys(BRIDGES), cwd: ROOT });
}

test('config - the default config loads, needs no environment and stays on this machine', async (t) => {
  const { config, warnings } = await load('config/parley.yaml', {});
  t.deepEqual(warnings, []);
  t.deepEqual(config.node?.listen, { host: '127.0.0.1', port: 4222 });
  t.is(config.node?.store, join(ROOT, 'data'));
  t.deepEqual(config.demo, { irc: { host: '127.0.0.1', port: 6667, channel: '#lobby' } });
  t.deepEqual(config.http?.listen, { host: '127.0.0.1', port: 8088 });
  t.like(config.rooms.get('lobby')?.channels[0], { network: 'demo', channel: '#lobby', direction: 'both' });
});

test('config - every example loads without a warning', async (t) => {
  const names = await readdir(join(ROOT, 'config/examples'));
  t.true(names.length > 0);
  for (const name of names) {
    const { warnings } = await load(join('config/examples', name));
    t.deepEqual(warnings, [], name);
  }
});

test('config - no example takes QuakeNet for a network with SASL or TLS', async (t) => {
  for (const name of await readdir(join(ROOT, 'config/examples'))) {
    const { config } = await load(join('config/examples', name));
    const settings = config.networks.get('quakenet')?.settings;
    if (settings === undefined) continue;
    t.like(settings, { tls: false, services: { quakenet: { account: 'parley' } } }, name);
    t.like(settings, { sasl: undefined }, name);
  }
});

test('config - every config in the project names the schema for editors', async (t) => {
  const examples = (await readdir(join(ROOT, 'config/examples'))).map((name) =>
    join('config/examples', name),
  );
  for (const path of ['config/parley.yaml', ...examples]) {
    const [first = ''] = (await readFile(join(ROOT, path), 'utf8')).split('\n');
    const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first)?.[1] ?? '';
    t.is(resolve(ROOT, path, '..', schema), join(ROOT, 'config/parley.schema.json'), path);
  }
});

test('config - what init writes loads without a warning', async (t) => {
  const { write } = await files(t);
  const network = { host: 'irc.example.org', port: 6697, tls: true, nick: 'parley' };
  const text = initConfig({
    room: 'quakeworld',
    networks: [
      { ...network, name: 'quakenet', channel: '#quakeworld', account: 'parley' },
      { ...network, name: 'q', host: 'irc.quakenet.org', channel: '#qw', account: 'parley' },
      { ...network, name: '2nd', channel: '#qw', tls: false, port: 6667, account: 'x:#z' },
      { ...network, name: 'on', channel: '#a"b', nick: '[parley]' },
    ],
  });
  const { config, warnings } = await load(await write('parley.yaml', text), {
    QUAKENET_PASSWORD: 'secret',
    Q_PASSWORD: 'q-secret',
    NETWORK_2ND_PASSWORD: 'secret',
  });
  t.deepEqual(warnings, []);
  t.deepEqual([...config.networks.keys()], ['quakenet', 'q', '2nd', 'on']);
  t.deepEqual(
    config.rooms.get('quakeworld')?.channels.map(({ channel }) => channel),
    ['#quakeworld', '#qw', '#qw', '#a"b'],
  );
  t.like(config.networks.get('q')?.settings, {
    services: { quakenet: { account: 'parley', password: 'q-secret' } },
  });
  t.like(config.networks.get('2nd')?.settings, { tls: false, nick: 'parley' });
});

/** Servers that somebody else runs: the ways to log in, TLS, accounts. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type BusAddress, connectBus } from '../../src/bus/index.js';
import { loadConfig } from '../../src/config/index.js';
import { silentLogger } from '../../src/log.js';
import { certify, makeAuthority, tlsDirectory } from '../../src/node/index.js';
import { temporaryDirectory } from '../peers/index.js';
import { startNats } from '../peers/nats.js';
import { makeJwtSetup } from '../peers/nats-jwt.js';
import { busOptions, makeEvent, openBus } from './fixtures.js';

const HOSTS = ['localhost', '127.0.0.1'];

/** The address as a config file gives it, so that the config's part is tried as well. */
async function fromConfig(t: ExecutionContext, backbone: string): Promise<BusAddress> {
  const cwd = await temporaryDirectory(t, 'existing');
  const source = join(cwd, 'parley.yaml');
  await writeFile(source, `backbone:\n${backbone}\nnetworks: {}\nrooms: {}\n`);
  const { config } = await loadConfig({ source, cwd, env: {}, kinds: [], bridges: async () => null });
  if (config.backbone === null) throw new Error('there is a backbone');
  return config.backbone;
}

async function worksAt(t: ExecutionContext, address: BusAddress): Promise<void> {
  const bus = await openBus(t, address);
  await bus.store(makeEvent('lobby', 'hello'));
  t.deepEqual(
    (await bus.read('lobby', { limit: 10 })).map(({ event }) => event.data.text),
    ['hello'],
  );
}

async function refused(t: ExecutionContext, address: BusAddress, code: string): Promise<void> {
  await t.throwsAsync(connectBus(busOptions(address), silentLogger), { code });
}

async function certificates(t: ExecutionContext) {
  const server = tlsDirectory(await temporaryDirectory(t, 'server'));
  const client = tlsDirectory(await temporaryDirectory(t, 'client'));
  await makeAuthority(server, 'somebody');
  await certify(server, server, { name: 'nats', hosts: HOSTS });
  await certify(client, server, { name: 'parley', hosts: [] });
  return { server, client };
}

test('existing servers - user, password and a client certificate, in an account beside others', async (t) => {
  const { server, client } = await certificates(t);
  const nats = await startNats(t, {
    config: `
      tls { ca_file: "${server.ca}", cert_file: "${server.cert}", key_file: "${server.key}", verify: true, timeout: 10 }
      accounts {
        CHAT { jetstream: enabled, users: [ { user: parley, password: "a secret of ours" } ] }
        SHOP { jetstream: enabled, users: [ { user: shop, password: "a secret of theirs" } ] }
      }`,
  });
  const login = `  servers: ["tls://localhost:${nats.port}"]\n  user: parley\n  password: a secret of ours`;
  const files = `ca: ${client.ca}, cert: ${client.cert}, key: ${client.key}`;
  const address = await fromConfig(t, `${login}\n  tls: { ${files} }`);
  await worksAt(t, address);
  const shop = { ...address, user: 'shop', password: 'a secret of theirs' };
  const other = await openBus(t, shop);
  t.deepEqual(await other.read('lobby', { limit: 10 }), [], 'another account has streams of its own');

  await refused(t, { ...address, password: 'guessed' }, 'BACKBONE_DENIED');
  await refused(t, await fromConfig(t, `${login}\n  tls: { ca: ${client.ca} }`), 'BACKBONE_UNAVAILABLE');
  await refused(t, await fromConfig(t, `${login}\n  tls: true`), 'BACKBONE_UNFIT');
});

test('existing servers - a credentials file of an operator’s account', async (t) => {
  const { config, credentials } = makeJwtSetup();
  const nats = await startNats(t, { config });
  const file = join(await temporaryDirectory(t, 'creds'), 'parley.creds');
  await writeFile(file, credentials, { mode: 0o600 });
  const servers = `  servers: ["nats://127.0.0.1:${nats.port}"]`;
  await worksAt(t, await fromConfig(t, `${servers}\n  credentials: ${file}`));
  await refused(t, await fromConfig(t, servers), 'BACKBONE_DENIED');
  await writeFile(file, makeJwtSetup().credentials);
  await refused(t, await fromConfig(t, `${servers}\n  credentials: ${file}`), 'BACKBONE_DENIED');
});

test('existing servers - the permissions in docs/cluster.md are enough', async (t) => {
  const page = await readFile('docs/cluster.md', 'utf8');
  const [, block = ''] = /```\n(accounts \{[\s\S]*?)```/.exec(page) ?? [];
  t.not(block, '');
  const nats = await startNats(t, { config: block });
  const address = { servers: [`nats://127.0.0.1:${nats.port}`], user: 'parley', password: 'change me' };
  await worksAt(t, address);
  const bus = await openBus(t, address);
  await (await bus.bucket<string>('TOKENS')).put('portal', 'value');
  await (await bus.deliveries('quakenet', (delivery) => delivery.ack())).stop();
  await bus.forget('quakenet');
  await bus.dead.dropAll(null);
  t.pass();
});

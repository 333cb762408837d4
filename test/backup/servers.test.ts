/** Backup and restore on NATS servers of others, with the permissions that docs/cluster.md lists. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect } from 'nats';
import { connectBus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { spoken } from '../cli/backbone.js';
import { parley } from '../cli/run-parley.js';
import { temporaryDirectory } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

const HISTORY = { maxAgeMs: 3_600_000, maxBytes: 1e9, replicas: 1 };

/** The account of docs/cluster.md with what it adds for a backup, and the user that it names for a restore. */
async function accountOf(page: string): Promise<string> {
  const [, account = ''] = /```\n(accounts \{[\s\S]*?)```/.exec(page) ?? [];
  const [, more = ''] = /add `([^`]*)` to what it may publish/.exec(page) ?? [];
  const [, may = '', hears = ''] = /which may publish `(.*)`, and subscribe `(.*)`\./.exec(page) ?? [];
  const restorer = `{ user: restorer, password: "restore", permissions: {
    publish: { allow: [ ${may.replaceAll('`', '').replace(' and ', ', ')}, "parley.trace" ] }, subscribe: { allow: [ ${hears} ] } } }`;
  return account
    .replace('"$JS.API.CONSUMER.>"', `"$JS.API.CONSUMER.>", ${more}`)
    .replace('users: [', `users: [ { user: admin, password: "admin" }, ${restorer},`);
}

async function scene(t: ExecutionContext, page: string) {
  const nats = await startNats(t, { config: await accountOf(page), user: 'admin', password: 'admin' });
  const directory = await temporaryDirectory(t, 'servers');
  const servers = JSON.stringify(nats.address.servers);
  const write = (name: string, user: string, password: string) =>
    writeFile(
      join(directory, name),
      `backbone: { name: alpha, servers: ${servers}, user: ${user}, password: "${password}" }\n`,
    );
  await write('parley.yaml', 'parley', 'change me');
  await write('restore.yaml', 'restorer', 'restore');
  const bus = await connectBus(
    {
      address: { ...nats.address, user: 'parley', password: 'change me' },
      prefix: 'parley',
      history: HISTORY,
      name: 'test',
    },
    silentLogger,
  );
  t.teardown(() => bus.close(0));
  const admin = await connect({ servers: [...nats.address.servers], user: 'admin', pass: 'admin' });
  t.teardown(() => admin.close());
  const run = (...args: readonly string[]) => parley(args, { cwd: directory });
  return { bus, admin, run, directory };
}

test('backup - on servers of others it takes just the permissions of docs/cluster.md, and so does a restore', async (t) => {
  const { bus, admin, run } = await scene(t, await readFile('docs/cluster.md', 'utf8'));
  for (let i = 0; i < 20; i += 1) await bus.store(spoken(`line ${i}`));
  await bus.enlist('net');
  await (await bus.bucket('TOKENS')).put('portal', { hash: 'x' });
  const manager = await admin.jetstreamManager();
  await manager.streams.add({ name: 'OTHERS', subjects: ['others'] });
  const backup = await run('backup', 'one.tar');
  t.is(backup.code, 0, backup.stderr);
  t.false(backup.stdout.includes('OTHERS'));

  const full = await run('restore', 'one.tar', '-c', 'restore.yaml');
  t.is(full.code, 6);
  t.regex(full.stderr, /stream \w+ is there and has \d+ messages/);

  bus.serveEach(['trace'], async () => ({ gateway: 'alpha' }));
  const running = await run('restore', 'one.tar', '-c', 'restore.yaml');
  t.is(running.code, 6);
  t.regex(running.stderr, /gateways run with these servers: alpha/);
  await bus.close(0);

  for (const name of ['ROOMS', 'DEAD', 'KV_TOKENS']) await manager.streams.delete(name);
  // Empty, as a gateway that was started and stopped leaves it.
  await manager.streams.add({ name: 'ROOMS', subjects: ['parley.room.*'] });
  const restored = await run('restore', 'one.tar', '-c', 'restore.yaml');
  t.is(restored.code, 0, restored.stderr);
  const { state } = await manager.streams.info('ROOMS');
  t.like(state, { messages: 20, last_seq: 20 });
  t.is((await manager.consumers.info('ROOMS', 'net')).config.durable_name, 'net');
  t.is((await manager.streams.info('KV_TOKENS')).state.messages, 1);
});

test('restore - into servers, cut off after one stream, goes on with those that it had begun', async (t) => {
  const { bus, admin, run, directory } = await scene(t, await readFile('docs/cluster.md', 'utf8'));
  await bus.store(spoken('hello'));
  t.is((await run('backup', 'one.tar')).code, 0);
  await bus.close(0);
  const { time } = JSON.parse((await run('backup', '--verify', 'one.tar', '--json')).stdout) as {
    time: string;
  };
  await writeFile(join(directory, 'one.tar.restoring'), JSON.stringify({ time, begun: ['ROOMS'] }));
  const restored = await run('restore', 'one.tar', '-c', 'restore.yaml');
  t.is(restored.code, 0, restored.stderr);
  t.is((await (await admin.jetstreamManager()).streams.info('ROOMS')).state.messages, 1);
});

test('backup - a user that may not is told which permission is missing', async (t) => {
  const page = (await readFile('docs/cluster.md', 'utf8')).replace(
    /add `[^`]*` to what/,
    'add `"nothing"` to what',
  );
  const { run } = await scene(t, page);
  const { code, stderr } = await run('backup', 'one.tar');
  t.is(code, 6);
  t.regex(stderr, /\$JS\.API\.STREAM\.SNAPSHOT\.ROOMS/);
});

/** Each user of a managed node may do its work and nothing else, over the real server. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect, type NatsConnection } from 'nats';
import { silentLogger } from '../../src/log.js';
import {
  ensureCredentials,
  filesOf,
  INBOXES,
  type Node,
  startNode,
  type UserCredentials,
  withPlugin,
  writeCredentials,
} from '../../src/node/index.js';
import { openBus, until } from '../bus/fixtures.js';
import { temporaryDirectory } from '../peers/index.js';

type User = 'gateway' | 'cli' | 'plugin' | 'service' | 'reader' | 'join' | 'sys';

interface May {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What each does at its work; whatever another one does and is not here is refused. */
const WORK: Readonly<Record<User, May>> = {
  gateway: {
    publish: [
      'parley.room.lobby',
      'parley.dead.quakenet',
      'parley.network.quakenet.status',
      'parley.live.typing.lobby',
      '$JS.API.INFO',
      '$JS.API.STREAM.INFO.ROOMS',
      '$JS.API.STREAM.CREATE.ROOMS',
      '$JS.API.STREAM.UPDATE.ROOMS',
      '$JS.API.CONSUMER.DURABLE.CREATE.ROOMS.quakenet',
      '$JS.API.CONSUMER.MSG.NEXT.ROOMS.quakenet',
      '$JS.API.STREAM.PURGE.DEAD',
      '$JS.API.STREAM.SNAPSHOT.ROOMS',
      '$JS.ACK.ROOMS.quakenet.1.1.1.1.0',
      '$KV.NETWORKS.quakenet',
      '_INBOX.somebody',
      '_INBOX_join.somebody',
      '_INBOX_plugin.somebody',
    ],
    subscribe: [
      'parley.network.quakenet.status',
      'parley.ingest.quakenet',
      'parley.node.join',
      '_INBOX.abc.*',
    ],
  },
  cli: {
    publish: [
      'parley.gateway.alpha.status',
      'parley.network.quakenet.status',
      'parley.room.lobby',
      '$JS.API.STREAM.INFO.ROOMS',
      '$JS.API.STREAM.CREATE.ROOMS',
      '$JS.API.CONSUMER.CREATE.ROOMS',
      '$JS.API.STREAM.SNAPSHOT.ROOMS',
      '$JS.SNAPSHOT.ACK.ROOMS.abc',
      '$JS.API.STREAM.MSG.DELETE.DEAD',
      '$JS.API.STREAM.PURGE.DEAD',
      '$KV.TOKENS.portal',
    ],
    subscribe: ['parley.live.room.lobby', '_INBOX.abc.*'],
  },
  plugin: { publish: ['parley.ingest.quakenet'], subscribe: ['_INBOX_plugin.abc.*'] },
  service: {
    publish: [],
    subscribe: [
      'parley.command.roll',
      'parley.command.flip',
      '$SRV.PING',
      '$SRV.INFO',
      '$SRV.STATS',
      '$SRV.INFO.dice',
      '$SRV.PING.dice.abc',
    ],
  },
  reader: { publish: [], subscribe: ['parley.live.room.lobby', 'parley.live.room.*', '_INBOX_reader.abc'] },
  join: { publish: ['parley.node.join'], subscribe: ['_INBOX_join.abc.*'] },
  sys: {
    publish: ['$SYS.REQ.SERVER.PING', '$SYS.REQ.SERVER.PING.JSZ', '$JS.API.SERVER.REMOVE'],
    subscribe: ['_INBOX.abc.*'],
  },
};

const REFUSED: Readonly<Record<User, May>> = {
  gateway: {
    publish: [
      '$JS.API.STREAM.DELETE.ROOMS',
      '$JS.API.STREAM.PURGE.ROOMS',
      '$JS.API.STREAM.MSG.DELETE.ROOMS',
      '$JS.API.SERVER.REMOVE',
      '$SYS.REQ.SERVER.PING',
      'other.room.lobby',
      '_INBOX_reader.somebody',
    ],
    subscribe: ['>', '$JS.>', '_INBOX_join.>', '_INBOX_plugin.>', '$SYS.>'],
  },
  cli: {
    publish: [
      '$JS.API.STREAM.DELETE.ROOMS',
      '$JS.API.STREAM.PURGE.ROOMS',
      '$JS.API.CONSUMER.DURABLE.CREATE.ROOMS.quakenet',
      '$JS.API.STREAM.RESTORE.ROOMS',
      '$JS.SNAPSHOT.RESTORE.ROOMS.abc',
      '_INBOX.somebody',
    ],
    subscribe: ['>', 'parley.>', 'parley.gateway.alpha.status', 'parley.node.join', 'parley.ingest.quakenet'],
  },
  plugin: {
    publish: [
      'parley.ingest.undernet',
      'parley.room.lobby',
      '$JS.API.INFO',
      '$KV.TOKENS.x',
      '_INBOX.somebody',
    ],
    subscribe: [
      '>',
      'parley.>',
      'parley.ingest.quakenet',
      'parley.live.room.lobby',
      '_INBOX.>',
      '_INBOX_join.>',
    ],
  },
  service: {
    publish: [
      'parley.command.roll',
      'parley.command.ban',
      'parley.ingest.quakenet',
      'parley.audit',
      'parley.network.quakenet.say',
      'parley.live.room.lobby',
      '$SRV.INFO',
      '$JS.API.INFO',
      '$KV.GRANTS.x',
      '_INBOX.somebody',
      '_INBOX_plugin.somebody',
    ],
    subscribe: [
      '>',
      'parley.>',
      'parley.command.>',
      'parley.command.ban',
      'parley.live.room.lobby',
      '$SRV.>',
      '$SRV.INFO.other',
      '$SRV.INFO.*',
      '_INBOX.>',
      '_INBOX_service.abc',
    ],
  },
  reader: {
    publish: ['parley.room.lobby', 'parley.live.room.lobby', '$JS.API.INFO', '_INBOX.somebody'],
    subscribe: ['>', 'parley.room.*', 'parley.live.>', 'parley.live.presence.x', '_INBOX.>'],
  },
  join: {
    publish: ['parley.node.leave', 'parley.room.lobby', '$JS.API.INFO', '_INBOX.somebody'],
    subscribe: ['>', 'parley.node.join', 'parley.live.room.lobby', '_INBOX.>', '_INBOX_plugin.>'],
  },
  sys: {
    publish: [
      'parley.room.lobby',
      '$JS.API.STREAM.DELETE.ROOMS',
      '$SYS.ACCOUNT.PARLEY.CONNECT',
      '$SYS.REQ.ACCOUNT.PING',
    ],
    subscribe: ['>', '$SYS.>'],
  },
};

async function nodeWithPlugin(
  t: ExecutionContext,
): Promise<{ node: Node; users: Record<User, UserCredentials> }> {
  const store = await temporaryDirectory(t, 'roles');
  const file = filesOf(store).credentials;
  const credentials = withPlugin(await ensureCredentials(file), 'quakenet');
  await writeCredentials(file, credentials);
  const node = await startNode(
    {
      name: 'alpha',
      listen: { host: '127.0.0.1', port: null },
      store,
      services: { dice: ['roll', 'flip'] },
    },
    silentLogger,
  );
  t.teardown(() => node.stop());
  const { gateway, cli, reader, join, sys } = credentials.users;
  const plugin = credentials.plugins.quakenet;
  if (plugin === undefined) throw new Error('there is a plugin user');
  const service = await serviceFile(store, 'dice');
  return { node, users: { gateway, cli, reader, join, sys, plugin, service } };
}

async function serviceFile(store: string, name: string): Promise<UserCredentials> {
  return JSON.parse(await readFile(join(filesOf(store).services, `${name}.json`), 'utf8'));
}

async function connectAs(
  t: ExecutionContext,
  node: Node,
  user: User,
  { user: name, password }: UserCredentials,
): Promise<NatsConnection> {
  const nats = await connect({
    servers: [...node.address.servers],
    user: name,
    pass: password,
    inboxPrefix: user === 'service' ? '_INBOX_service' : INBOXES[user],
  });
  t.teardown(() => nats.close());
  return nats;
}

/** The server's complaints: what was tried, as `publish subject`. The flush is the barrier: its answer comes behind them. */
async function refusals(nats: NatsConnection, may: May): Promise<readonly string[]> {
  const heard: string[] = [];
  void (async () => {
    for await (const status of nats.status()) {
      const { operation, subject } = status.permissionContext ?? {};
      if (subject !== undefined) heard.push(`${operation} ${subject}`);
    }
  })();
  for (const subject of may.publish) nats.publish(subject);
  for (const subject of may.subscribe) nats.subscribe(subject, { callback: () => {} });
  await nats.flush();
  // The loop above takes a turn of its own to hear what came before the first answer.
  await nats.flush();
  return heard.toSorted();
}

function everything({ publish, subscribe }: May): readonly string[] {
  return [
    ...publish.map((each) => `publish ${each}`),
    ...subscribe.map((each) => `subscription ${each}`),
  ].toSorted();
}

for (const user of Object.keys(WORK) as User[]) {
  test(`roles - ${user} may do its work`, async (t) => {
    const { node, users } = await nodeWithPlugin(t);
    t.deepEqual(await refusals(await connectAs(t, node, user, users[user]), WORK[user]), []);
  });

  test(`roles - ${user} may do nothing else`, async (t) => {
    const { node, users } = await nodeWithPlugin(t);
    const heard = await refusals(await connectAs(t, node, user, users[user]), REFUSED[user]);
    t.deepEqual(heard, everything(REFUSED[user]));
  });
}

test('roles - nobody but the gateway may do what only it does', async (t) => {
  const { node, users } = await nodeWithPlugin(t);
  const work = Object.entries(WORK) as [User, May][];
  for (const [user] of work.filter(([name]) => name !== 'gateway' && name !== 'cli')) {
    const may = everything(WORK[user]);
    const others = everything({
      publish: work.flatMap(([, each]) => each.publish),
      subscribe: work.flatMap(([, each]) => each.subscribe),
    }).filter((each) => !may.includes(each));
    const heard = await refusals(await connectAs(t, node, user, users[user]), {
      publish: others.filter((each) => each.startsWith('publish')).map((each) => each.slice(8)),
      subscribe: others.filter((each) => each.startsWith('sub')).map((each) => each.slice(13)),
    });
    t.deepEqual([...new Set(heard)], [...new Set(others)], user);
  }
});

test('roles - a plugin and a joiner are answered by the gateway, each in its own inbox', async (t) => {
  const { node, users } = await nodeWithPlugin(t);
  const gateway = await connectAs(t, node, 'gateway', users.gateway);
  for (const subject of ['parley.ingest.quakenet', 'parley.node.join']) {
    gateway.subscribe(subject, { callback: (_, message) => void message.respond(message.data) });
  }
  await gateway.flush();
  const data = new TextEncoder().encode('hello');
  const plugin = await connectAs(t, node, 'plugin', users.plugin);
  t.is((await plugin.request('parley.ingest.quakenet', data, { timeout: 15_000 })).string(), 'hello');
  const join = await connectAs(t, node, 'join', users.join);
  t.is((await join.request('parley.node.join', data, { timeout: 15_000 })).string(), 'hello');
});

test('roles - a service answers each call once, and nobody else', async (t) => {
  const { node, users } = await nodeWithPlugin(t);
  const gateway = await connectAs(t, node, 'gateway', users.gateway);
  const service = await connectAs(t, node, 'service', users.service);
  const refused: (string | undefined)[] = [];
  void (async () => {
    for await (const { permissionContext } of service.status()) refused.push(permissionContext?.subject);
  })();
  const dice = await service.services.add({ name: 'dice', version: '1.0.0' });
  dice.addEndpoint('roll', {
    subject: 'parley.command.roll',
    handler: (_, message) => {
      message.respond('6');
      message.respond('5');
      service.publish('_INBOX.somebody.else', '4');
    },
  });
  await service.flush();
  const found = await gateway.request('$SRV.INFO', new Uint8Array(), { timeout: 15_000 });
  t.is(found.json<{ name: string }>().name, 'dice');
  for (let call = 0; call < 3; call += 1) {
    const heard: string[] = [];
    const inbox = `_INBOX.once.${call}`;
    gateway.subscribe(inbox, { callback: (_, message) => void heard.push(message.string()) });
    gateway.publish('parley.command.roll', '{}', { reply: inbox });
    await gateway.flush();
    await until('the server has refused', () => refused.length >= 2 * (call + 1));
    await gateway.flush();
    t.deepEqual(heard, ['6']);
    t.true(refused.includes(inbox) && refused.includes('_INBOX.somebody.else'));
  }
});

test('roles - the file of a service is its user’s alone, the same at the next start, and goes with it', async (t) => {
  const store = await temporaryDirectory(t, 'services');
  const config = { name: 'alpha', listen: { host: '127.0.0.1', port: null }, store };
  const started = async (services: Record<string, readonly string[]>) => {
    const node = await startNode({ ...config, services }, silentLogger);
    await node.stop();
    return readdir(filesOf(store).services);
  };
  t.deepEqual(await started({ dice: ['roll'], news: ['headlines'] }), ['dice.json', 'news.json']);
  const first = await serviceFile(store, 'dice');
  t.is((await stat(join(filesOf(store).services, 'dice.json'))).mode & 0o777, 0o600);
  t.not(first.password, (await serviceFile(store, 'news')).password);
  t.deepEqual(await started({ dice: ['roll'] }), ['dice.json']);
  t.is((await serviceFile(store, 'dice')).password, first.password);
});

test('roles - the system user sees the servers, and nothing of what is said', async (t) => {
  const { node, users } = await nodeWithPlugin(t);
  await openBus(t, node.address);
  const sys = await connectAs(t, node, 'sys', users.sys);
  const answer = await sys.request('$SYS.REQ.SERVER.PING.JSZ', new Uint8Array(), { timeout: 15_000 });
  t.is(answer.json<{ server: { name: string } }>().server.name, 'alpha');
  await t.throwsAsync(sys.request('$JS.API.STREAM.INFO.ROOMS', new Uint8Array(), { timeout: 15_000 }));
});

/** A gateway that starts while its backbone is away. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { connect, type JetStreamManager } from 'nats';
import { type Gateway, startGateway } from '../../src/gateway/index.js';
import { createToken } from '../../src/http/index.js';
import { parley } from '../cli/run-parley.js';
import { startNgircd, type TestContext, temporaryDirectory, until } from '../peers/index.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { loaderOf } from './loading.js';
import { said, twoNetworks, visitor } from './stage.js';

const LONG_MS = 30_000;

interface Place {
  readonly directory: string;
  readonly lines: RecordedLine[];
  readonly token: string;
  start(): Promise<Gateway>;
}

/** A config that names servers of somebody else; they need not run. */
async function placeFor(
  t: TestContext,
  { port }: Pick<NatsPeer, 'port'>,
  networks: string,
  more = '',
): Promise<Place> {
  const directory = await temporaryDirectory(t, 'away');
  const path = join(directory, 'parley.yaml');
  const { token, record } = createToken('tester', ['write', 'status']);
  const tokens = JSON.stringify([{ name: record.name, hash: record.hash, scopes: record.scopes }]);
  await writeFile(
    path,
    `backbone: { name: alone, servers: ["nats://127.0.0.1:${port}"]${more} }
http: { listen: "127.0.0.1:auto", tokens: ${tokens} }
spool: { path: ./spool }
${networks}`,
  );
  const load = loaderOf(directory, path);
  const lines: RecordedLine[] = [];
  return {
    directory,
    lines,
    token,
    start: async () => {
      const gateway = await startGateway({
        loaded: await load(),
        load,
        log: recordingLog(lines),
        version: '0.0.0',
      });
      t.teardown(() => gateway.stop());
      return gateway;
    },
  };
}

async function connected(gateway: Gateway): Promise<void> {
  await until(() => gateway.networks().every(({ state }) => state === 'connected'), {
    what: 'the networks',
    deadlineMs: LONG_MS,
  });
}

async function post(gateway: Gateway, token: string, text: string, key?: string) {
  const answer = await fetch(`${gateway.http}/v1/rooms/lobby/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ text }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function ready(gateway: Gateway, token: string) {
  const answer = await fetch(`${gateway.http}/readyz`, { headers: { authorization: `Bearer ${token}` } });
  const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
  return { status: answer.status, backbone: checks.find(({ name }) => name === 'backbone') };
}

const drained = (gateway: Gateway) =>
  until(() => gateway.bus.state === 'connected' && gateway.bus.unstored === 0, {
    what: 'the spool to be drained',
    deadlineMs: LONG_MS,
  });

test('away - a gateway starts without its backbone, its rooms talk, and all is stored when it comes, once', async (t) => {
  const [one, two, nats] = await Promise.all([startNgircd(t), startNgircd(t), startNats(t)]);
  await nats.stop();
  const place = await placeFor(t, nats, twoNetworks(one, two));
  const gateway = await place.start();
  await connected(gateway);
  const [alice, bob] = [await visitor(t, one, 'alice', '#a'), await visitor(t, two, 'bob', '#b')];
  alice.say('#a', 'first');
  await bob.waitFor(/first/, LONG_MS);
  const accepted = await post(gateway, place.token, 'over http', 'key');
  t.is(accepted.status, 202);
  t.is(accepted.body.stored, 'spool');
  await bob.waitFor(/over http/, LONG_MS);
  t.is((await fetch(`${gateway.http}/healthz`)).status, 200);
  const { status, backbone } = await ready(gateway, place.token);
  t.is(status, 503);
  t.regex(backbone?.detail ?? '', /^away since 20\S+Z: cannot reach nats:/);
  let told = await parley(['status'], { cwd: place.directory });
  await until(
    async () => {
      told = await parley(['status'], { cwd: place.directory });
      return /two\s+irc\s+connected/.test(told.stdout);
    },
    { what: 'the status', deadlineMs: LONG_MS },
  );
  t.is(told.code, 6, told.stderr);
  t.regex(told.stdout, /backbone\s+away\s+since 20\S+Z: cannot reach nats:/);

  await nats.start();
  await drained(gateway);
  alice.say('#a', 'last');
  await bob.waitFor(/last/, LONG_MS);
  t.is((await post(gateway, place.token, 'over http', 'key')).body.stored, 'log');
  await until(async () => (await ready(gateway, place.token)).status === 200, {
    what: 'ready',
    deadlineMs: LONG_MS,
  });
  await bob.roundtrip();
  t.deepEqual(bob.heard('#b').map(said), ['first', 'over http', 'last']);
  const logged = await gateway.bus.read('lobby', { limit: 10 });
  const texts = logged
    .filter(({ event }) => event.type === 'chat.message')
    .map(({ event }) => event.data.text);
  t.deepEqual(texts, ['first', 'over http', 'last']);
  t.is(place.lines.filter(({ message }) => message === 'the backbone is away').length, 1);
});

test('away - restarted again and again without a backbone, nothing accepted is lost or said twice', async (t) => {
  const [one, two, nats] = await Promise.all([startNgircd(t), startNgircd(t), startNats(t)]);
  await nats.stop();
  const place = await placeFor(t, nats, twoNetworks(one, two));
  const [alice, bob] = [await visitor(t, one, 'alice', '#a'), await visitor(t, two, 'bob', '#b')];
  for (const text of ['one', 'two']) {
    const gateway = await place.start();
    await connected(gateway);
    alice.say('#a', `${text} said`);
    await bob.waitFor(new RegExp(`${text} said`), LONG_MS);
    t.is((await post(gateway, place.token, 'kept', 'the-same')).body.stored, 'spool');
    if (text === 'one') await bob.waitFor(/kept/, LONG_MS);
    await gateway.stop();
  }
  await nats.start();
  const gateway = await place.start();
  await connected(gateway);
  await drained(gateway);
  alice.say('#a', 'last');
  await bob.waitFor(/last/, LONG_MS);
  await bob.roundtrip();
  t.deepEqual(bob.heard('#b').map(said), ['one said', 'kept', 'two said', 'last']);
});

test('away - a backbone that refuses us, or is none of ours, fails a start at once and is told with its code later', async (t) => {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const authorization = {
    config: 'authorization { user: parley, password: right }',
    user: 'parley',
    password: 'right',
  };
  const nats = await startNats(t, authorization);
  const wrong = await placeFor(t, nats, twoNetworks(one, two), ', user: parley, password: wrong-one');
  await t.throwsAsync(wrong.start(), { code: 'BACKBONE_DENIED' });
  await nats.stop();
  const gateway = await wrong.start();
  await nats.start();
  await until(() => gateway.bus.absence?.code === 'BACKBONE_DENIED', {
    what: 'the refusal',
    deadlineMs: LONG_MS,
  });
  t.regex((await ready(gateway, wrong.token)).backbone?.detail ?? '', /^BACKBONE_DENIED since /);
  const told = wrong.lines.filter(({ fields }) => fields?.code === 'BACKBONE_DENIED');
  t.deepEqual(
    told.map(({ level }) => level),
    ['error'],
  );
});

test('away - a stream that is not ours is not written to, and all is stored once it is gone', async (t) => {
  const [one, two, nats] = await Promise.all([startNgircd(t), startNgircd(t), startNats(t)]);
  const tool = async <Result>(work: (manager: JetStreamManager) => Promise<Result>): Promise<Result> => {
    const client = await connect({ servers: [...nats.address.servers] });
    return work(await client.jetstreamManager()).finally(() => client.close());
  };
  await tool(({ streams }) => streams.add({ name: 'ROOMS', subjects: ['parley.room.*'], max_msgs: 1000 }));
  const place = await placeFor(t, nats, twoNetworks(one, two));
  await t.throwsAsync(place.start(), { code: 'BACKBONE_CONFLICT' });
  await nats.stop();
  const gateway = await place.start();
  await nats.start();
  await until(() => gateway.bus.absence?.code === 'BACKBONE_CONFLICT', {
    what: 'the conflict',
    deadlineMs: LONG_MS,
  });
  t.is((await post(gateway, place.token, 'kept')).body.stored, 'spool');
  t.is((await tool(({ streams }) => streams.info('ROOMS'))).state.messages, 0);
  await tool(({ streams }) => streams.delete('ROOMS'));
  await drained(gateway);
  const logged = await gateway.bus.read('lobby', { limit: 10 });
  t.true(logged.some(({ event }) => event.data.text === 'kept'));
});

test('away - tokens known before are good without the backbone, others are told that nobody knows yet', async (t) => {
  const [one, two, nats] = await Promise.all([startNgircd(t), startNgircd(t), startNats(t)]);
  const place = await placeFor(t, nats, twoNetworks(one, two));
  const { token, record } = createToken('portal', ['write']);
  const before = await place.start();
  await (await before.bus.bucket('TOKENS')).put('portal', record);
  await until(async () => (await post(before, token, 'known')).status === 202, {
    what: 'the token',
    deadlineMs: LONG_MS,
  });
  await before.stop();
  await nats.stop();
  const kept = join(place.directory, 'spool/tokens.json');
  t.is((await stat(kept)).mode & 0o777, 0o600);
  t.false((await readFile(kept, 'utf8')).includes(token));
  const gateway = await place.start();
  t.is((await post(gateway, token, 'still known')).status, 202);
  t.is((await post(gateway, createToken('other', ['write']).token, 'no')).status, 401);
  await gateway.stop();
  await writeFile(kept, 'damaged');
  const next = await place.start();
  const unknown = await post(next, token, 'not known');
  t.is(unknown.status, 503);
  t.is(unknown.body.code, 'TOKENS_UNKNOWN');
  t.is((await post(next, place.token, 'of the config')).status, 202);
});

test('away - one of several gateways stays mute without its backbone and says why', async (t) => {
  const [one, two, nats] = await Promise.all([startNgircd(t), startNgircd(t), startNats(t)]);
  await nats.stop();
  const owners = 'owners: { voters: [alone, beta, gamma] }\n';
  const place = await placeFor(t, nats, owners + twoNetworks(one, two));
  const gateway = await place.start();
  t.is((await post(gateway, place.token, 'kept')).body.stored, 'spool');
  t.deepEqual(
    gateway.networks().map(({ state, owner }) => [state, owner]),
    [
      ['standby', null],
      ['standby', null],
    ],
  );
});

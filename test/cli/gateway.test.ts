import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { freePorts, temporaryDirectory } from '../peers/index.js';
import { spoken, startBackbone } from './backbone.js';
import { parley } from './run-parley.js';

const NETWORK = {
  network: 'net',
  bridge: 'irc',
  channels: ['#lobby'],
  state: 'connected',
  since: '2026-11-20T20:42:00.000Z',
  reason: null,
  retryAt: null,
  degraded: {},
  queued: 3,
  counters: { received: 10, delivered: 20, dead: 1 },
};
const STATUS = {
  gateway: 'here',
  node: null,
  http: 'http://127.0.0.1:8088',
  backbone: 'connected',
  unstored: 0,
  networks: [NETWORK],
};

test('status - shows gateway, backbone, log and networks', async (t) => {
  const { bus, run, serve } = await startBackbone(t);
  serve('status', () => STATUS);
  await bus.store(spoken('hello'));
  const { code, stdout } = await run('status');
  t.is(code, 0);
  t.true(stdout.includes('gateway\there\thttp://127.0.0.1:8088\n'));
  t.regex(stdout, /backbone\tconnected\tround trip [\d.]+ ms\n/);
  t.true(stdout.includes('log\t1 event\t'));
  t.true(stdout.includes('net\tirc\tconnected\t10\t20\t3\t1\t#lobby\n'));
});

test('status - shows what waits in the spool, and why it takes no more', async (t) => {
  const { run, serve } = await startBackbone(t);
  const spool = {
    events: 3,
    bytes: 2 * 1024 * 1024,
    maxBytes: 4 * 1024 * 1024,
    since: '2026-11-20T20:42:00.123Z',
    blocked: 'it is full',
    refused: 1,
    damaged: 0,
  };
  serve('status', () => ({ ...STATUS, spool }));
  const { stdout } = await run('status');
  const details =
    '2.0 of 4 MiB, oldest of 2026-11-20T20:42:00.123Z, takes no more: it is full, 1 refused by the log';
  t.true(stdout.includes(`spool\t3 events\t${details}\n`), stdout);
});

test('status - is one JSON document', async (t) => {
  const { run, serve } = await startBackbone(t);
  serve('status', () => STATUS);
  const { stdout } = await run('status', '--json');
  t.like(JSON.parse(stdout), { ...STATUS, log: { messages: 0 } });
});

test('status - ends with 1 when a network is not well, and says why', async (t) => {
  const { run, serve } = await startBackbone(t);
  serve('status', () => ({ ...STATUS, networks: [{ ...NETWORK, degraded: { '#lobby': 'banned' } }] }));
  const { code, stdout } = await run('status');
  t.is(code, 1);
  t.true(stdout.includes('#lobby: banned'));
});

test('status - a backbone without a gateway ends with 3', async (t) => {
  const { run } = await startBackbone(t);
  const { code, stderr } = await run('status');
  t.is(code, 3);
  t.regex(
    stderr,
    /^parley: The gateway ".+" does not answer on the backbone\.\nfix: Start it with `parley start`/,
  );
});

test('status - a backbone that is away ends with 6', async (t) => {
  const { cwd } = await startBackbone(t);
  const [port] = await freePorts(1);
  await writeFile(join(cwd, 'parley.yaml'), `backbone: { servers: ["nats://127.0.0.1:${port}"] }\n`);
  const { code, stderr } = await parley(['status'], { cwd });
  t.is(code, 6);
  t.regex(stderr, /fix: /);
});

test('status - a node that never ran ends with 3', async (t) => {
  const cwd = await temporaryDirectory(t, 'cli');
  await writeFile(join(cwd, 'parley.yaml'), 'node: { name: alpha, store: ./data }\n');
  const { code, stderr } = await parley(['status', '--json'], { cwd });
  t.is(code, 3);
  t.true(stderr.includes('No gateway runs with the store'));
});

test('dead - list, replay and drop', async (t) => {
  const { bus, run, serve } = await startBackbone(t);
  const asked: unknown[] = [];
  serve('replay', (body) => {
    asked.push(body);
    return { ok: true };
  });
  const letter = { network: 'net', channel: '#lobby', reason: '404 ERR_CANNOTSENDTOCHAN', attempts: 2 };
  for (const text of ['one', 'two']) {
    await bus.dead.put({ ...letter, time: new Date().toISOString(), event: spoken(text) });
  }
  const listed = JSON.parse((await run('dead', 'list', '--json')).stdout).letters;
  t.deepEqual(
    listed.map((one: { event: { data: { text: string } } }) => one.event.data.text),
    ['one', 'two'],
  );
  const [first, second] = listed.map((one: { sequence: number }) => one.sequence);

  t.is((await run('dead', 'replay', String(first), String(second))).code, 0);
  t.deepEqual(asked, [
    { network: 'net', sequence: first },
    { network: 'net', sequence: second },
  ]);

  t.deepEqual(JSON.parse((await run('dead', 'drop', String(first), '--json')).stdout), { dropped: 1 });
  const left = await bus.dead.list(null, 10);
  t.deepEqual(
    left.map(({ sequence }) => sequence),
    [second],
  );
  t.deepEqual(JSON.parse((await run('dead', 'drop', '--all', '--json')).stdout), { dropped: 1 });
});

test('dead - a replay that fails again ends with 1 and says why', async (t) => {
  const { bus, run, serve } = await startBackbone(t);
  serve('replay', () => {
    throw new Error('still banned');
  });
  const time = new Date().toISOString();
  await bus.dead.put({
    network: 'net',
    channel: '#lobby',
    reason: 'x',
    attempts: 1,
    time,
    event: spoken('one'),
  });
  const { code, stdout } = await run('dead', 'replay', '--all');
  t.is(code, 1);
  t.regex(stdout, /still banned/);
});

test('dead - a number that is not there ends with 4, a word with 2, nothing with 2', async (t) => {
  const { run } = await startBackbone(t);
  t.is((await run('dead', 'drop', '77')).code, 4);
  t.is((await run('dead', 'drop', 'abc')).code, 2);
  t.is((await run('dead', 'replay')).code, 2);
  t.is((await run('dead', 'drop', '1', '--all')).code, 2);
});

test('token - create prints it once and stores its hash only', async (t) => {
  const { bus, run } = await startBackbone(t);
  const { code, stdout } = await run('token', 'create', 'portal', '--scope', 'read,write:lobby');
  t.is(code, 0);
  const token = stdout.trim();
  t.regex(token, /^parley_\S+$/);
  const record = await (await bus.bucket<{ hash: string }>('TOKENS')).get('portal');
  t.like(record, { name: 'portal', scopes: ['read', 'write:lobby'] });
  t.false(JSON.stringify(record).includes(token));
  const { stdout: listed } = await run('token', 'list');
  t.true(listed.startsWith('portal\tread,write:lobby\t'));
  t.false(listed.includes(token));
});

test('token - a name in use, a wrong name and a wrong scope are refused', async (t) => {
  const { run } = await startBackbone(t);
  t.is((await run('token', 'create', 'portal')).code, 0);
  const again = await run('token', 'create', 'portal');
  t.is(again.code, 1);
  t.is(again.stdout, '');
  t.is((await run('token', 'create', 'a b')).code, 1);
  t.is((await run('token', 'create', 'other', '--scope', 'fly')).code, 1);
});

test('token - revoke removes it, and knows what is not there', async (t) => {
  const { bus, run } = await startBackbone(t);
  await run('token', 'create', 'portal');
  t.is((await run('token', 'revoke', 'portal')).code, 0);
  t.is((await (await bus.bucket('TOKENS')).entries()).size, 0);
  t.is((await run('token', 'revoke', 'portal')).code, 4);
});

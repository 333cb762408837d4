/** What operators have done to networks: over NATS, over HTTP, on record. */
import { dirname, join } from 'node:path';
import test from 'ava';
import { connect, type NatsConnection } from 'nats';
import { readNodeAddress } from '../../src/node/index.js';
import { parley } from '../cli/run-parley.js';
import { tokenWith } from '../http/fixtures.js';
import { ircClient, type TestContext, until } from '../peers/index.js';
import { said, seen, startTwoNetworks, type TwoNetworks } from './stage.js';

const ROOT = tokenWith('root', 'admin');
const READER = tokenWith('reader', 'read', 'status');
const TOKENS = `tokens: ${JSON.stringify(
  [ROOT, READER].map(({ record: { name, hash, scopes } }) => ({ name, hash, scopes })),
)}`;

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(
  http: string | null,
  path: string,
  body: object = {},
  { headers } = ROOT,
): Promise<Answered> {
  const answer = await fetch(`${http}/v1/networks/${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
}

async function started(t: TestContext) {
  const stage = await startTwoNetworks(t, '', TOKENS);
  const ask = (path: string, body: object = {}) => post(stage.gateway.http, path, body);
  return { ...stage, ask };
}

async function acts({ gateway }: Pick<TwoNetworks, 'gateway'>): Promise<readonly unknown[]> {
  return (await gateway.bus.audit.list(100)).map(({ act }) => act);
}

/** As the CLI connects: whoever runs the gateway. */
async function natsOf(t: TestContext, { config }: TwoNetworks): Promise<NatsConnection> {
  const { servers = [], user = '', password = '' } = readNodeAddress(join(dirname(config), 'data')) ?? {};
  const nats = await connect({ servers: [...servers], user, pass: password });
  t.teardown(() => nats.close());
  return nats;
}

interface Reply {
  readonly answer?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
}

async function request(nats: NatsConnection, subject: string, body?: unknown): Promise<Reply> {
  const data = body === undefined ? '' : JSON.stringify(body);
  return (await nats.request(`parley.network.${subject}`, data, { timeout: 20_000 })).json();
}

test('operate - a channel that is joined by command is part of its room, over a restart too, until it is left', async (t) => {
  const stage = await started(t);
  const { alice, two, ask } = stage;
  const carol = await ircClient(t, two, { nick: 'carol' });
  await carol.join('#c');
  t.deepEqual(await ask('two/join', { channel: '#c', room: 'lobby' }), {
    status: 200,
    body: { channel: '#c', room: 'lobby', state: 'joined', reason: null },
  });
  alice.say('#a', 'to all');
  t.is(said((await carol.waitFor(/to all/)).text), 'to all');
  carol.say('#c', 'from c');
  t.is(said((await alice.waitFor(/from c/)).text), 'from c');
  t.like((await ask('two/status')).body, { network: 'two', state: 'connected', byCommand: ['#c'] });
  const rooms = await fetch(`${stage.gateway.http}/v1/rooms`, { headers: ROOT.headers });
  t.like(await rooms.json(), {
    rooms: [{ channels: [{ byCommand: false }, { byCommand: false }, { channel: '#c', byCommand: true }] }],
  });
  const { stdout } = await parley(['status'], { cwd: dirname(stage.config) });
  t.regex(stdout, /#b #c \(by command\)/);
  alice.say('#a', '!rooms lobby');
  await alice.waitFor(/#c on two \(by command\)/);

  const next = await stage.restart();
  await until(() => next.networks().every(({ state }) => state === 'connected'), { what: 'the networks' });
  carol.say('#c', 'after the restart');
  await alice.waitFor(/after the restart/);
  // Said in any case of letters, it is the one that was joined.
  const left = await post(next.http, 'two/leave', { channel: '#C' });
  t.deepEqual(left, { status: 200, body: { channel: '#c', room: 'lobby' } });
  alice.say('#a', 'bob alone');
  await stage.bob.waitFor(/bob alone/);
  await carol.roundtrip();
  t.false(carol.heard().some((text) => /bob alone/.test(text)));
  t.like(await acts({ gateway: next }), [
    { action: 'join', target: 'two #c', outcome: 'done', actor: 'http:root:root', from: 'http' },
    { action: 'leave', target: 'two #C', outcome: 'done' },
  ]);
});

test('operate - the config file wins over what is joined and left by command', async (t) => {
  const { ask, reload, one, two, gateway, alice } = await started(t);
  const refused = await ask('two/leave', { channel: '#b' });
  t.is(refused.status, 409);
  t.like(refused.body, {
    code: 'CHANNEL_CONFIGURED',
    detail: '#b on two is in the config, in lobby',
    fix: 'Change rooms.lobby.channels in the config file, then "parley reload".',
  });
  t.is((await ask('two/join', { channel: '#B', room: 'lobby' })).status, 409);
  t.is((await ask('two/join', { channel: '#c', room: 'lobby' })).status, 200);
  const carol = await ircClient(t, two, { nick: 'carol' });
  await carol.join('#c');
  // The same channel in the file, heard only: that is how it is.
  const text = `networks:\n  one: { bridge: irc, host: 127.0.0.1, port: ${one.port}, tls: false, nick: parley, flood: off }
  two: { bridge: irc, host: 127.0.0.1, port: ${two.port}, tls: false, nick: parley, flood: off }
rooms:\n  lobby: { channels: [ { one: "#a" }, { two: "#b" }, { two: "#c", direction: in } ] }\n`;
  await reload(text);
  alice.say('#a', 'not for c');
  carol.say('#c', 'but heard');
  await alice.waitFor(/but heard/);
  await carol.roundtrip();
  t.false(carol.heard().some((line) => /not for c/.test(line)));
  t.is(gateway.config.rooms.get('lobby')?.channels.length, 3);
});

test('operate - what cannot be joined, and how it is told', async (t) => {
  const { ask, two } = await started(t);
  const faults: readonly (readonly [object, number, RegExp])[] = [
    [{ channel: '#c', room: 'nowhere' }, 404, /there is no room "nowhere"/],
    [{ channel: 'c', room: 'lobby' }, 400, /c is no channel of two: expected/],
    [{ channel: '#c' }, 400, /room/],
    [{ channel: '#c', room: 'lobby', key: 'x' }, 400, /"key" is not one of them/],
  ];
  for (const [body, status, detail] of faults) {
    const answer = await ask('two/join', body);
    t.is(answer.status, status, JSON.stringify(answer.body));
    t.regex(String(answer.body.detail), detail);
  }
  t.is((await ask('nothing/join', { channel: '#c', room: 'lobby' })).status, 404);
  // Somebody has it for themselves: it is joined when they let us in.
  const carol = await ircClient(t, two, { nick: 'carol' });
  await carol.join('#mine');
  carol.send('MODE #mine +i');
  await carol.waitFor(/MODE #mine \+i/);
  const waiting = await ask('two/join', { channel: '#mine', room: 'lobby' });
  t.like(waiting, { status: 200, body: { state: 'waiting' } });
  t.regex(String(waiting.body.reason), /473|invite/i);
});

test('operate - nothing of what is muted is relayed, until it is lifted', async (t) => {
  const stage = await started(t);
  const { ask, alice, bob, gateway } = stage;
  t.like(await ask('one/mute', { channel: '#A', for: '2h', reason: 'flood' }), {
    status: 200,
    body: { channel: '#a' },
  });
  alice.say('#a', 'not relayed');
  alice.say('#a', '!ping');
  await until(
    () => (gateway.networks().find(({ network }) => network === 'one')?.counters.dropped.muted ?? 0) >= 2,
    { what: 'both lines to be dropped' },
  );
  const { muted } = (await ask('one/status')).body as { muted: Record<string, string> };
  t.true(Date.parse(muted['#a'] ?? '') > Date.now());
  const { stdout } = await parley(['status'], { cwd: dirname(stage.config) });
  t.regex(stdout, /#a muted until \d{4}-/);
  bob.say('#b', 'still relayed');
  await alice.waitFor(/still relayed/);
  t.is((await ask('one/unmute', {})).status, 404);
  t.is((await ask('one/mute', { channel: '#nowhere' })).status, 404);
  t.is((await ask('one/unmute', { channel: '#A' })).status, 200);
  alice.say('#a', 'relayed again');
  await bob.waitFor(/relayed again/);
  t.false(bob.heard().some((text) => /not relayed|pong/.test(text)));
  await ask('two/mute', {});
  bob.say('#b', 'the whole network');
  await until(
    () => (gateway.networks().find(({ network }) => network === 'two')?.counters.dropped.muted ?? 0) >= 1,
    { what: 'it to be dropped' },
  );
  // It is kept.
  const next = await stage.restart();
  await until(() => next.networks().every(({ state }) => state === 'connected'), { what: 'the networks' });
  t.deepEqual(next.networks().find(({ network }) => network === 'two')?.muted, { '*': null });
});

test('operate - who is in a channel, and saying something in it alone', async (t) => {
  const { ask, alice, bob } = await started(t);
  const names = await ask('one/names', { channel: '#A' });
  t.is(names.status, 200);
  const { members } = names.body as { members: { name: string; rank: string | null; bot: boolean }[] };
  t.deepEqual(members.map(({ name }) => name).sort(), ['alice', 'parley']);
  t.is((await ask('one/say', { channel: '#a', text: 'only here' })).status, 200);
  t.is(seen((await alice.waitFor(/only here/)).text), 'only here');
  alice.say('#a', 'and then');
  await bob.waitFor(/and then/);
  t.false(bob.heard().some((text) => /only here/.test(text)));
  t.is((await ask('one/say', { channel: '#nowhere', text: 'x' })).status, 404);
  t.is((await ask('one/say', { channel: '#a', text: ' ' })).status, 400);
});

test('operate - a drained network is closed when all is said, and opened by reconnect', async (t) => {
  const { ask, alice, bob, gateway, connected } = await started(t);
  for (let line = 0; line < 20; line += 1) alice.say('#a', `line ${line}`);
  await until(
    () => (gateway.networks().find(({ network }) => network === 'one')?.counters.received ?? 0) >= 20,
    { what: 'all lines to be heard' },
  );
  t.deepEqual(await ask('two/drain'), { status: 200, body: { to: null, left: 0 } });
  await bob.waitFor(/line 19/);
  await bob.waitFor(/PART|QUIT/);
  t.like((await ask('two/status')).body, { state: 'stopped', reason: 'drained: `reconnect` opens it again' });
  t.is((await ask('two/say', { channel: '#b', text: 'x' })).status, 503);
  alice.say('#a', 'waits meanwhile');
  t.is((await ask('two/reconnect')).status, 200);
  await connected();
  await bob.waitFor(/waits meanwhile/);
  t.like(await acts({ gateway }), [
    { action: 'drain', outcome: 'done' },
    { action: 'say', outcome: 'failed' },
    { action: 'reconnect', outcome: 'done' },
  ]);
});

test('operate - over NATS: the same verbs, with the name of who asks on record', async (t) => {
  const stage = await started(t);
  const nats = await natsOf(t, stage);
  t.like(await request(nats, 'two.status'), { answer: { network: 'two', state: 'connected' } });
  t.deepEqual(
    await request(nats, 'two.mute', { for: '1h', by: 'ann' }).then(({ error }) => error),
    undefined,
  );
  t.like(await request(nats, 'two.unmute'), { answer: { channel: null } });
  t.like(await request(nats, 'two.unmute'), { error: { code: 'NOT_FOUND' } });
  t.like(await request(nats, 'two.mute', { for: 'long' }), {
    error: { code: 'USAGE', message: 'mute: for: expected a duration such as "30s", "15m" or "7d"' },
  });
  t.like(await request(nats, 'two.explode'), { error: { code: 'USAGE' } });
  t.like(await request(nats, 'three.status'), { error: { code: 'NOT_FOUND' } });
  t.like(await request(nats, 'two'), { error: { code: 'USAGE' } });
  t.like(await acts(stage), [
    { action: 'mute', actor: 'nats', name: 'ann', from: 'nats', target: 'two', outcome: 'done' },
    { action: 'unmute', name: 'nats', outcome: 'done' },
    { action: 'unmute', name: 'nats', outcome: 'failed' },
  ]);
});

test('operate - over HTTP it takes the scope admin', async (t) => {
  const { gateway } = await started(t);
  for (const verb of ['status', 'join', 'mute', 'drain']) {
    t.is((await post(gateway.http, `two/${verb}`, {}, READER)).status, 403, verb);
  }
});

test('operate - what the CLI has done is on record, too', async (t) => {
  const { gateway } = await started(t);
  const ask = (verb: string, body: object = {}) =>
    gateway.bus.request(['gateway', 'test', verb], body, 20_000);
  await ask('reload');
  await ask('reconnect', { network: 'two' });
  await t.throwsAsync(ask('drain'), { code: 'NOT_OWNER' });
  // From another gateway, which has it on record.
  await ask('reconnect', { network: 'two', relayed: true });
  const by = { actor: 'cli', name: 'cli', from: 'cli' };
  const found = await acts({ gateway });
  t.is(found.length, 3);
  t.like(found, [
    { ...by, action: 'reload', target: 'config', outcome: 'done' },
    { ...by, action: 'reconnect', target: 'two', scope: { network: 'two', room: null }, outcome: 'done' },
    { ...by, action: 'drain', target: 'test', outcome: 'failed' },
  ]);
});

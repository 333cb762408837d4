import test from 'ava';
import type { BanView, Desk } from '../../src/desk.js';
import { openStage, problemIn, tokenWith } from './fixtures.js';

const BAN: BanView = {
  id: 'm1',
  kind: 'mute',
  by: 'nick',
  target: 'spam*',
  network: null,
  room: 'lobby',
  reason: 'floods',
  setBy: 'operator',
  at: '2026-01-01T00:00:00.000Z',
  until: null,
  dryRun: false,
  inForce: true,
  lifted: null,
  hits: 3,
  effects: [{ network: 'one', channel: '#a', state: 'failed', why: 'not an operator' }],
};
const ENDED: BanView = { ...BAN, id: 'm0', inForce: false };
const DESK: Desk = {
  commands: () => [
    { name: 'ping', usage: '', help: 'Answers.', examples: ['ping'], permission: null, hidden: false },
  ],
  bans: (all) => (all ? [BAN, ENDED] : [BAN]),
  broadcasts: () => ({ lists: [], muted: [{ name: 'zappater', until: '2026-01-01T00:10:00.000Z' }] }),
};
const LOOK = {
  gateway: 'alpha',
  version: '1.0.0',
  server: null,
  backbone: 'connected',
  reason: null,
  waiting: 0,
  uptime: 5,
  memory: 1,
  networks: ['one'],
};

test('desk - commands, bans, broadcast lists and gateways are told in rows', async (t) => {
  const { headers, record } = tokenWith('root', 'admin');
  const gateway = { desk: () => DESK, gateways: async () => [LOOK] };
  const stage = await openStage(t, { config: { tokens: [record] }, gateway });
  const told = async (path: string) => (await stage.request(path, { headers })).json();
  t.deepEqual(await told('/v1/commands'), { commands: DESK.commands() });
  t.deepEqual(await told('/v1/bans'), { bans: [BAN] });
  t.deepEqual(await told('/v1/bans?all=true'), { bans: [BAN, ENDED] });
  t.deepEqual(await told('/v1/broadcasts'), DESK.broadcasts());
  t.deepEqual(await told('/v1/gateways'), { gateways: [LOOK] });
  const wrong = await stage.request('/v1/bans?all=perhaps', { headers });
  t.is((await problemIn(t, wrong, 400)).code, 'QUERY_INVALID');
});

test('desk - each needs its scope', async (t) => {
  const writer = tokenWith('writer', 'write:lobby');
  const watcher = tokenWith('watcher', 'status');
  const reader = tokenWith('reader', 'read');
  const tokens = [writer, watcher, reader].map(({ record }) => record);
  const stage = await openStage(t, { config: { tokens }, gateway: { desk: () => DESK } });
  const status = async (path: string, { headers }: typeof writer) =>
    (await stage.request(path, { headers })).status;
  t.is(await status('/v1/commands', writer), 200);
  t.is(await status('/v1/commands', reader), 403);
  t.is(await status('/v1/gateways', watcher), 200);
  t.is(await status('/v1/gateways', writer), 403);
  for (const path of ['/v1/bans', '/v1/broadcasts'])
    for (const token of [writer, watcher, reader]) t.is(await status(path, token), 403, path);
});

test('desk - without commands: 404 with what to do', async (t) => {
  const { headers, record } = tokenWith('root', 'admin');
  const stage = await openStage(t, { config: { tokens: [record] } });
  for (const path of ['/v1/commands', '/v1/bans', '/v1/broadcasts']) {
    const problem = await problemIn(t, await stage.request(path, { headers }), 404);
    t.regex(String(problem.fix), /commands: off/, path);
  }
});

test('console - `console: false` takes the page away, and leaves the API', async (t) => {
  const stage = await openStage(t, { config: { console: false } });
  t.is((await stage.request('/console/')).status, 404);
  t.is((await stage.request('/v1/rooms')).status, 200);
});

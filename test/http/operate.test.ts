import test from 'ava';
import { makeEvent } from '../bus/fixtures.js';
import { openStage, problemIn, tokenWith } from './fixtures.js';

test('me - tells a token what it may do, and nothing to others', async (t) => {
  const narrow = tokenWith('narrow', 'read:lobby');
  const stage = await openStage(t, { config: { tokens: [narrow.record] } });
  const me = await stage.request('/v1/me', { headers: narrow.headers });
  t.deepEqual(await me.json(), { name: 'narrow', author: 'http:narrow:narrow', scopes: ['read:lobby'] });
  await problemIn(t, await fetch(`${stage.http.address}/v1/me`), 401);
});

test('audit - is told page by page, the newest first, to admins', async (t) => {
  const root = tokenWith('root', 'admin');
  const stage = await openStage(t, { config: { tokens: [root.record] } });
  for (const action of ['one', 'two', 'three']) await stage.bus.audit.put({ action });
  const page = await (await stage.request('/v1/audit?limit=2', { headers: root.headers })).json();
  t.deepEqual(page, {
    acts: [
      { action: 'three', sequence: 3 },
      { action: 'two', sequence: 2 },
    ],
  });
  const older = await (await stage.request('/v1/audit?before=2', { headers: root.headers })).json();
  t.deepEqual(older, { acts: [{ action: 'one', sequence: 1 }] });
  await problemIn(t, await stage.request('/v1/audit?limit=0', { headers: root.headers }), 400);
});

test('audit - is searched by who, what and whom', async (t) => {
  const root = tokenWith('root', 'admin');
  const stage = await openStage(t, { config: { tokens: [root.record] } });
  const act = (name: string, action: string, target: string) =>
    stage.bus.audit.put({ actor: `irc:q:account:${name}`, name, action, target });
  await act('ann', 'ban', 'troll@quakenet');
  await act('bob', 'ban', 'spammer');
  await act('ann', 'join', 'quakenet #a');
  const found = async (query: string) => {
    const answer = await stage.request(`/v1/audit?${query}`, { headers: root.headers });
    const { acts, next } = (await answer.json()) as { acts: { sequence: number }[]; next: number | null };
    return [acts.map(({ sequence }) => sequence), next];
  };
  t.deepEqual(await found('by=ann'), [[3, 1], null]);
  t.deepEqual(await found('by=irc:q:account:bob'), [[2], null]);
  t.deepEqual(await found('action=ban&target=QuakeNet'), [[1], null]);
  t.deepEqual(await found('by=ann&limit=1'), [[3], 3]);
  t.deepEqual(await found('by=ann&limit=1&before=3'), [[1], 1]);
  t.deepEqual(await found('by=carl'), [[], null]);
});

test('dead - letters are listed, replayed and dropped by admins, on record', async (t) => {
  const root = tokenWith('root', 'admin');
  const reader = tokenWith('reader', 'read');
  const replayed: string[] = [];
  const stage = await openStage(t, {
    config: { tokens: [root.record, reader.record] },
    gateway: { replay: async (network, sequence) => void replayed.push(`${network} ${sequence}`) },
  });
  const letter = {
    network: 'libera',
    channel: '#a',
    reason: 'banned',
    attempts: 1,
    time: new Date().toISOString(),
  };
  for (const text of ['one', 'two']) await stage.bus.dead.put({ ...letter, event: makeEvent('lobby', text) });
  const { headers } = root;
  const listed = await (await stage.request('/v1/dead', { headers })).json();
  t.like(listed, { letters: [{ sequence: 2, reason: 'banned' }, { sequence: 1 }] });
  t.is((await stage.request('/v1/dead/2/replay', { method: 'POST', headers })).status, 200);
  t.deepEqual(replayed, ['libera 2']);
  t.is((await stage.request('/v1/dead/1', { method: 'DELETE', headers })).status, 200);
  await problemIn(t, await stage.request('/v1/dead/1', { method: 'DELETE', headers }), 404);
  await problemIn(t, await stage.request('/v1/dead', { headers: reader.headers }), 403);
  const acts = (await stage.bus.audit.list(10)).map(({ act }) => act);
  t.like(acts, [
    { action: 'replay', target: 'dead letter 2', actor: 'http:root:root' },
    { action: 'drop', target: 'dead letter 1' },
  ]);
});

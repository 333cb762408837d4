import test from 'ava';
import { openStage, problemIn, tokenWith } from './fixtures.js';

const JSON_TYPE = { 'content-type': 'application/json' };

test('command - is given in the name of the token, and answered in the response', async (t) => {
  const root = tokenWith('root', 'admin');
  const narrow = tokenWith('narrow', 'write:quake');
  const stage = await openStage(t, { config: { tokens: [root.record, narrow.record] } });
  const give = (body: object, headers: Readonly<Record<string, string>>) =>
    stage.request('/v1/commands', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...JSON_TYPE, ...headers },
    });
  const answered = await give({ line: 'help' }, root.headers);
  t.deepEqual(await answered.json(), { refused: false, lines: ['http:root:root true help'] });
  const inRoom = await give({ line: 'no', room: 'quake' }, narrow.headers);
  t.deepEqual(await inRoom.json(), { refused: true, lines: ['http:narrow:narrow false no'] });
  t.is(
    (await problemIn(t, await give({ line: 'no', room: 'lobby' }, narrow.headers), 403)).code,
    'SCOPE_MISSING',
  );
  t.is((await problemIn(t, await give({ line: '' }, root.headers), 400)).code, 'BODY_INVALID');
  t.is((await problemIn(t, await give({ line: 'x', room: 'none' }, root.headers), 404)).code, 'ROOM_UNKNOWN');
});

test('command - a token that may write nowhere gives none, and none is given where commands are off', async (t) => {
  const reader = tokenWith('reader', 'read');
  const root = tokenWith('root', 'admin');
  const stage = await openStage(t, {
    config: { tokens: [reader.record, root.record] },
    gateway: { command: () => null },
  });
  const give = (headers: Readonly<Record<string, string>>) =>
    stage.request('/v1/commands', {
      method: 'POST',
      body: '{"line":"help"}',
      headers: { ...JSON_TYPE, ...headers },
    });
  t.is((await problemIn(t, await give(reader.headers), 403)).code, 'SCOPE_MISSING');
  t.is((await problemIn(t, await give(root.headers), 404)).code, 'NOT_FOUND');
});

test('members - of a room are told to who may read it', async (t) => {
  const narrow = tokenWith('narrow', 'read:lobby');
  const stage = await openStage(t, { config: { tokens: [narrow.record] } });
  const members = await stage.request('/v1/rooms/lobby/members', { headers: narrow.headers });
  t.like(await members.json(), { members: [{ name: 'alice', network: 'quakenet', rank: 'operator' }] });
  t.is((await stage.request('/v1/rooms/quake/members', { headers: narrow.headers })).status, 403);
});

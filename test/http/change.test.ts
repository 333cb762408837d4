import test from 'ava';
import type { ParleyEvent } from '../../src/message/index.js';
import { makeEvent } from '../bus/fixtures.js';
import { openStage, problemIn, type Stage, tokenWith } from './fixtures.js';

type Told = ParleyEvent & { readonly sequence: string };

async function eventIn(response: Response): Promise<Told> {
  return ((await response.json()) as { event: Told }).event;
}

function change(stage: Stage, method: string, id: string, body?: unknown, headers = {}): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return stage.request(`/v1/rooms/lobby/messages/${id}`, {
    method,
    headers: { ...json, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('change - an edit and a deletion are events about the message, in its author`s name', async (t) => {
  const stage = await openStage(t);
  const said = await eventIn(await stage.post('lobby', { text: 'helo', author: { name: 'ann' } }));
  const edited = await change(stage, 'PATCH', said.id, { text: 'hello', markup: 'markdown' });
  t.is(edited.status, 202);
  const edit = await eventIn(edited);
  t.like(edit, { type: 'chat.edit', subject: 'lobby', source: said.source });
  t.like(edit.data, { text: 'hello', markup: 'markdown', replyTo: said.id, author: said.data.author });
  const removed = await change(stage, 'DELETE', said.id);
  t.is(removed.status, 202);
  const deletion = await eventIn(removed);
  t.is(deletion.type, 'chat.delete');
  t.like(deletion.data, { text: '', replyTo: said.id, author: said.data.author });
  const log = await stage.bus.read('lobby', { limit: 10 });
  t.deepEqual(
    log.map(({ event }) => event.type),
    ['chat.message', 'chat.edit', 'chat.delete'],
  );
});

test('change - only the token that said it may, and only what was said', async (t) => {
  const other = tokenWith('other', 'write');
  const stage = await openStage(t, { config: { tokens: [] } });
  const { record, headers } = tokenWith('tester', 'write');
  stage.http.update({ ...stage.config, tokens: [record, other.record] });
  const said = await eventIn(await stage.post('lobby', { text: 'mine' }, headers));
  const heard = makeEvent('lobby', 'from a network');
  await stage.bus.store(heard);
  const denied = await problemIn(t, await change(stage, 'PATCH', said.id, { text: 'x' }, other.headers), 403);
  t.is(denied.code, 'NOT_AUTHOR');
  await problemIn(t, await change(stage, 'DELETE', heard.id, undefined, headers), 403);
  const edit = await eventIn(await change(stage, 'PATCH', said.id, { text: 'better' }, headers));
  await problemIn(t, await change(stage, 'DELETE', edit.id, undefined, headers), 404);
  await problemIn(t, await change(stage, 'DELETE', '01JD0000000000000000000000', undefined, headers), 404);
});

test('change - a malformed request is told what is wrong', async (t) => {
  const stage = await openStage(t);
  const said = await eventIn(await stage.post('lobby', { text: 'mine' }));
  await problemIn(t, await change(stage, 'PATCH', said.id, { text: ' ' }), 400);
  await problemIn(t, await change(stage, 'PATCH', said.id, { text: 'x', type: 'chat.action' }), 400);
  await problemIn(t, await change(stage, 'PATCH', 'no-id', { text: 'x' }), 400);
  await problemIn(t, await change(stage, 'PATCH', said.id, { text: 'ä'.repeat(20_000) }), 413);
  const elsewhere = await stage.request(`/v1/rooms/nowhere/messages/${said.id}`, { method: 'DELETE' });
  await problemIn(t, elsewhere, 404);
});

import test from 'ava';
import { newId } from '../../src/message/index.js';
import type { TraceReport } from '../../src/trace/index.js';
import { openStage, problemIn, tokenWith } from './fixtures.js';

test('trace - operators see what became of an event, others do not', async (t) => {
  const admin = tokenWith('operator', 'admin');
  const reader = tokenWith('reader', 'read', 'write', 'status');
  const stage = await openStage(t, { config: { tokens: [admin.record, reader.record] } });
  const said = await stage.post('lobby', { text: 'hello' }, reader.headers);
  const { event } = (await said.json()) as { event: { id: string; sequence: string } };
  stage.bus.serveEach(['trace'], async () => ({
    gateway: 'alpha',
    steps: [
      { at: 1, event: event.id, stage: 'routed', network: 'net', channel: '#a', detail: 'lobby, log 1' },
    ],
    channels: [],
  }));
  const path = `/v1/events/${event.id}/trace`;
  const answer = await stage.request(path, { headers: admin.headers });
  t.is(answer.status, 200);
  const report = (await answer.json()) as TraceReport;
  t.like(report, { event: event.id, room: 'lobby', sequence: Number(event.sequence), gateways: ['alpha'] });
  t.like(report.channels[0], { network: 'net', outcome: 'waiting', reason: 'in the queue' });
  const denied = await problemIn(t, await stage.request(path, { headers: reader.headers }), 403);
  t.is(denied.code, 'SCOPE_MISSING');
});

test('trace - an event that nobody knows is not found', async (t) => {
  const admin = tokenWith('operator', 'admin');
  const stage = await openStage(t, { config: { tokens: [admin.record] } });
  const answer = await stage.request(`/v1/events/${newId()}/trace`, { headers: admin.headers });
  await problemIn(t, answer, 404);
});

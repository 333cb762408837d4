import test from 'ava';
import { CloudEvent, HTTP } from 'cloudevents';
import { silentLogger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import { Switchboard } from '../../src/network/index.js';
import { compileRoutes } from '../../src/routing/index.js';
import { openBus, until } from '../bus/fixtures.js';
import { startNats } from '../peers/nats.js';
import { openStage, problemIn, type Stage, tokenWith } from './fixtures.js';

type Said = ParleyEvent & { readonly sequence: string };

async function eventIn(response: Response): Promise<Said> {
  const { event } = (await response.json()) as { event: Said };
  return event;
}

async function textsOf(stage: Stage, room = 'lobby'): Promise<readonly string[]> {
  const page = await stage.bus.read(room, { limit: 500 });
  return page.map(({ event }) => event.data.text);
}

test('say - answers 202 with the event once the log has it', async (t) => {
  const stage = await openStage(t);
  const response = await stage.post('lobby', { text: 'hello ✓' });
  t.is(response.status, 202);
  const event = await eventIn(response);
  const [logged] = await stage.bus.read('lobby', { limit: 1 });
  const { sequence, ...rest } = event;
  t.deepEqual(logged, { sequence: Number(sequence), event: rest });
  t.is(event.source, '/http/tester');
  t.is(event.data.text, 'hello ✓');
  t.deepEqual(event.data.author, { id: 'http:tester:tester', name: 'tester', verified: true });
});

test('say - another name is the author, but not verified', async (t) => {
  const stage = await openStage(t);
  const body = { text: 'hi', author: { name: 'zappater' }, type: 'chat.action', markup: 'markdown' };
  const event = await eventIn(await stage.post('lobby', body));
  t.deepEqual(event.data.author, { id: 'http:tester:zappater', name: 'zappater', verified: false });
  t.is(event.type, 'chat.action');
  t.is(event.data.markup, 'markdown');
});

test('say - an array is stored in order, with one result each', async (t) => {
  const stage = await openStage(t);
  const texts = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  const response = await stage.post(
    'lobby',
    texts.map((text) => ({ text })),
  );
  t.is(response.status, 202);
  const { results } = (await response.json()) as { results: { status: number; event: Said }[] };
  t.deepEqual(
    results.map(({ status, event }) => [status, event.data.text]),
    texts.map((text) => [202, text]),
  );
  t.deepEqual(await textsOf(stage), texts);
});

test('say - one malformed item keeps the whole array out', async (t) => {
  const stage = await openStage(t);
  const problem = await problemIn(t, await stage.post('lobby', [{ text: 'a' }, { txt: 'b' }]), 400);
  t.is(problem.code, 'BODY_INVALID');
  t.is(problem.pointer, '/1');
  t.deepEqual(await textsOf(stage), []);
});

test('say - single posts sent one after another keep their order', async (t) => {
  const stage = await openStage(t);
  const texts = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  for (const text of texts) await stage.post('lobby', { text });
  t.deepEqual(await textsOf(stage), texts);
});

test('say - a CloudEvent of the official SDK is taken', async (t) => {
  const stage = await openStage(t);
  const source = '/portal/news';
  const data = { text: 'new article', markup: 'markdown', author: { name: 'portal', id: 'forged:1' } };
  const cloudEvent = new CloudEvent({ id: 'n-1', source, type: 'portal.post', subject: 'lobby', data });
  const { headers, body } = HTTP.structured(cloudEvent);
  const response = await stage.post('lobby', String(body), headers as Record<string, string>);
  t.is(response.status, 202);
  const event = await eventIn(response);
  t.is(event.type, 'portal.post');
  t.is(event.data.native.id, 'n-1');
  t.is(event.data.author.id, 'http:tester:portal');
});

test('say - what the API gives out can be read by the official CloudEvents SDK', async (t) => {
  const stage = await openStage(t);
  const event = await eventIn(await stage.post('lobby', { text: 'hi' }));
  const cloudEvent = new CloudEvent({ ...event });
  t.true(cloudEvent.validate());
});

test('say - the same CloudEvent twice is stored once', async (t) => {
  const stage = await openStage(t);
  const body = { specversion: '1.0', id: '7', source: '/x', type: 'chat.message', data: { text: 'once' } };
  const headers = { 'content-type': 'application/cloudevents+json' };
  const first = await eventIn(await stage.post('lobby', body, headers));
  const second = await eventIn(await stage.post('lobby', body, headers));
  t.deepEqual(second, first);
  t.deepEqual(await textsOf(stage), ['once']);
});

test('say - a CloudEvent about another room is refused', async (t) => {
  const stage = await openStage(t);
  const body = {
    specversion: '1.0',
    id: '7',
    source: '/x',
    type: 'chat.message',
    subject: 'quake',
    data: { text: 'a' },
  };
  const response = await stage.post('lobby', body, { 'content-type': 'application/cloudevents+json' });
  t.is((await problemIn(t, response, 422)).code, 'EVENT_REFUSED');
});

test('idempotency - a repeat gets the first answer and is stored once', async (t) => {
  const stage = await openStage(t);
  const key = { 'idempotency-key': '"8e03978e-40d5"' };
  const first = await eventIn(await stage.post('lobby', { text: 'once' }, key));
  const again = await stage.post('lobby', { text: 'once' }, key);
  t.is(again.status, 202);
  t.deepEqual(await eventIn(again), first);
  t.deepEqual(await textsOf(stage), ['once']);
});

test('idempotency - repeats at the same moment are stored once', async (t) => {
  const stage = await openStage(t);
  const posts = Array.from({ length: 20 }, () =>
    stage.post('lobby', { text: 'once' }, { 'idempotency-key': 'k' }),
  );
  const events = await Promise.all((await Promise.all(posts)).map(eventIn));
  t.is(new Set(events.map(({ id, sequence }) => `${id} ${sequence}`)).size, 1);
  t.deepEqual(await textsOf(stage), ['once']);
});

test('idempotency - holds over a restart of the HTTP server and of the backbone', async (t) => {
  const stage = await openStage(t);
  const first = await eventIn(await stage.post('lobby', { text: 'once' }, { 'idempotency-key': 'k' }));
  await stage.nats.restart();
  await until('the bus is back', () => stage.bus.state === 'connected');
  const again = await eventIn(await stage.post('lobby', { text: 'once' }, { 'idempotency-key': 'k' }));
  t.deepEqual(again, first);
});

test('idempotency - holds where the switchboard of the gateway recognises the repeat', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const switchboard = new Switchboard(bus, () => compileRoutes(new Map()), silentLogger);
  const say = switchboard.accept.bind(switchboard);
  const stage = await openStage(t, { nats, bus, gateway: { say } });
  const key = { 'idempotency-key': 'k' };
  const first = await eventIn(await stage.post('lobby', { text: 'once' }, key));
  t.deepEqual(await eventIn(await stage.post('lobby', { text: 'once' }, key)), first);
  await problemIn(t, await stage.post('lobby', { text: 'two' }, key), 422);
  await problemIn(t, await stage.post('quake', { text: 'once' }, key), 422);
  t.deepEqual(await textsOf(stage), ['once']);
});

test('idempotency - a key that was used for another body or room is refused', async (t) => {
  const stage = await openStage(t);
  const key = { 'idempotency-key': 'k' };
  await stage.post('lobby', { text: 'one' }, key);
  const other = await problemIn(t, await stage.post('lobby', { text: 'two' }, key), 422);
  t.is(other.code, 'IDEMPOTENCY_KEY_REUSED');
  const elsewhere = await problemIn(t, await stage.post('quake', { text: 'one' }, key), 422);
  t.is(elsewhere.code, 'IDEMPOTENCY_KEY_REUSED');
  t.deepEqual(await textsOf(stage), ['one']);
});

test('idempotency - the same key of two tokens makes two events', async (t) => {
  const other = tokenWith('other', 'write');
  const mine = tokenWith('mine', 'write');
  const stage = await openStage(t, { config: { tokens: [other.record, mine.record] } });
  const key = { 'idempotency-key': 'k' };
  await stage.post('lobby', { text: 'one' }, { ...key, ...mine.headers });
  const response = await stage.post('lobby', { text: 'two' }, { ...key, ...other.headers });
  t.is(response.status, 202);
  t.deepEqual(await textsOf(stage), ['one', 'two']);
});

test('idempotency - a batch that is repeated is stored once', async (t) => {
  const stage = await openStage(t);
  const batch = [{ text: 'a' }, { text: 'b' }];
  const first = await (await stage.post('lobby', batch, { 'idempotency-key': 'k' })).json();
  const again = await (await stage.post('lobby', batch, { 'idempotency-key': 'k' })).json();
  t.deepEqual(again, first);
  t.deepEqual(await textsOf(stage), ['a', 'b']);
});

test('idempotency - a text that the log cleans is still recognised', async (t) => {
  const stage = await openStage(t);
  const body = '{"text": "a\\u0000b\\ud800"}';
  const first = await eventIn(await stage.post('lobby', body, { 'idempotency-key': 'k' }));
  t.is(first.data.text, 'ab\ufffd');
  t.deepEqual(await eventIn(await stage.post('lobby', body, { 'idempotency-key': 'k' })), first);
});

test('idempotency - a malformed key is refused', async (t) => {
  const stage = await openStage(t);
  const response = await stage.post('lobby', { text: 'a' }, { 'idempotency-key': '"open' });
  t.is((await problemIn(t, response, 400)).code, 'IDEMPOTENCY_KEY_INVALID');
});

test('say - while the backbone is away it says so, and a repeat with the key is stored once', async (t) => {
  const stage = await openStage(t);
  await stage.nats.kill();
  const key = { 'idempotency-key': 'k' };
  const response = await stage.post('lobby', { text: 'patience' }, key);
  t.truthy(response.headers.get('retry-after'));
  t.is((await problemIn(t, response, 503)).code, 'NOT_STORED_YET');
  await stage.nats.start();
  await until('stored', async () => (await stage.post('lobby', { text: 'patience' }, key)).status === 202);
  t.deepEqual(await textsOf(stage), ['patience']);
});

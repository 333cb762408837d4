import { request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { createToken } from '../../src/http/index.js';
import { numbered, storeAll, until } from '../bus/fixtures.js';
import { openSse, openWebSocket } from './events.js';
import { openStage, problemIn, type Stage, tokenWith } from './fixtures.js';

const PATH = '/v1/rooms/lobby/stream';

function textsOf(events: readonly { readonly data: { readonly text: string } }[]): readonly string[] {
  return events.map(({ data }) => data.text);
}

test('sse - gives each event with id, type and one line of JSON', async (t) => {
  const stage = await openStage(t);
  const stream = await openSse(t, stage, PATH);
  t.is(stream.response.headers.get('content-type'), 'text/event-stream');
  await stage.post('lobby', { text: 'two\nlines', type: 'chat.notice' });
  const event = await stream.next();
  t.is(event.data.text, 'two\nlines');
  const block = stream.blocks.find(({ data }) => data !== undefined);
  t.is(block?.id, `${event.sequence}.${event.id}`);
  t.is(block?.event, 'chat.notice');
});

test('sse - begins with what is new', async (t) => {
  const stage = await openStage(t);
  await storeAll(stage.bus, 'lobby', ['old']);
  const stream = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'lobby', ['new']);
  t.is((await stream.next()).data.text, 'new');
});

test('sse - Last-Event-ID resumes without gap or double while others talk', async (t) => {
  const stage = await openStage(t);
  const first = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'lobby', numbered(10));
  const seen = [...(await first.take(5))];
  first.close();
  const talking = storeAll(stage.bus, 'lobby', numbered(2000, 10));
  const second = await openSse(t, stage, PATH, { 'last-event-id': seen.at(-1)?.sequence ?? '' });
  await talking;
  seen.push(...(await second.take(2005)));
  t.deepEqual(textsOf(seen), numbered(2010));
});

test('sse - after takes a sequence or an event id', async (t) => {
  const stage = await openStage(t);
  const response = await stage.post('lobby', { text: 'a' });
  const { event } = (await response.json()) as { event: { id: string; sequence: string } };
  await storeAll(stage.bus, 'lobby', ['b']);
  const byId = await openSse(t, stage, `${PATH}?after=${event.id}`);
  const bySequence = await openSse(t, stage, `${PATH}?after=${event.sequence}`);
  t.is((await byId.next()).data.text, 'b');
  t.is((await bySequence.next()).data.text, 'b');
});

test('sse - a place beyond the log begins at its beginning', async (t) => {
  const stage = await openStage(t);
  await storeAll(stage.bus, 'lobby', ['a', 'b']);
  const stream = await openSse(t, stage, PATH, { 'last-event-id': '999999' });
  t.deepEqual(textsOf(await stream.take(2)), ['a', 'b']);
});

test('sse - a silent stream shows signs of life', async (t) => {
  const stage = await openStage(t, { heartbeatMs: 20 });
  const stream = await openSse(t, stage, PATH);
  await until('two comments', () => stream.blocks.filter(({ comment }) => comment !== undefined).length >= 2);
  await storeAll(stage.bus, 'lobby', ['still here']);
  t.is((await stream.next()).data.text, 'still here');
});

test('stream - fifty readers of both kinds get every event in order', async (t) => {
  const stage = await openStage(t);
  const readers = await Promise.all([
    ...Array.from({ length: 25 }, () => openSse(t, stage, PATH)),
    ...Array.from({ length: 25 }, () => openWebSocket(t, stage, PATH)),
  ]);
  const texts = numbered(500);
  await storeAll(stage.bus, 'lobby', texts);
  for (const reader of readers) t.deepEqual(textsOf(await reader.take(500)), texts);
});

test('stream - events of other rooms stay there', async (t) => {
  const stage = await openStage(t);
  const stream = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'quake', ['there']);
  await storeAll(stage.bus, 'lobby', ['here']);
  t.is((await stream.next()).data.text, 'here');
});

test('stream - goes on without gap over a restart of the backbone', async (t) => {
  const stage = await openStage(t);
  const stream = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'lobby', numbered(10));
  await stage.nats.kill();
  const storing = storeAll(stage.bus, 'lobby', numbered(10, 10));
  await stage.nats.start();
  await storing;
  t.deepEqual(textsOf(await stream.take(20)), numbered(20));
});

/** What is in use after a garbage collection. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Buffers are given back only after the turn in which their owner was collected.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Reads nothing until told; 10 KB events fill every buffer between. */
function slowReader(stage: Stage): Promise<{ readAll(count: number): Promise<readonly string[]> }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${stage.token}` };
    const get = request(stage.http.address + PATH, { headers }, (response) => {
      response.pause();
      resolve({
        readAll: (count) =>
          new Promise((done) => {
            let text = '';
            const seen: string[] = [];
            response.setEncoding('utf8').on('data', (chunk: string) => {
              const blocks = (text + chunk).split('\n\n');
              text = blocks.pop() ?? '';
              for (const block of blocks) seen.push(...(/"text":"(\d+) /.exec(block)?.slice(1) ?? []));
              if (seen.length >= count) {
                response.destroy();
                done(seen);
              }
            });
            response.resume();
          }),
      });
    });
    get.once('error', reject).end();
  });
}

test.serial('stream - a slow reader catches up from the log and misses nothing', async (t) => {
  const stage = await openStage(t);
  const slow = await slowReader(stage);
  const before = await heldBytes();
  for (let at = 0; at < 2000; at += 200) {
    const texts = numbered(200, at).map((number) => `${number} ${'x'.repeat(10_000)}`);
    await storeAll(stage.bus, 'lobby', texts);
  }
  const held = (await heldBytes()) - before;
  t.true(held < 16 * 1024 * 1024, `${held} bytes held for a reader that does not read`);
  t.deepEqual(await slow.readAll(2000), numbered(2000));
});

test('websocket - gives JSON CloudEvents and resumes by after', async (t) => {
  const stage = await openStage(t);
  const stream = await openWebSocket(t, stage, `${PATH}?after=0`);
  await storeAll(stage.bus, 'lobby', ['a', 'b']);
  const [first] = await stream.take(2);
  t.is(first?.specversion, '1.0');
  const again = await openWebSocket(t, stage, `${PATH}?after=${first?.sequence}`);
  t.is((await again.next()).data.text, 'b');
});

test('websocket - a browser offers its token as subprotocol, which is not echoed', async (t) => {
  const stage = await openStage(t);
  const stream = await openWebSocket(t, stage, PATH, ['bearer', stage.token]);
  t.is(stream.socket.protocol, 'bearer');
  await storeAll(stage.bus, 'lobby', ['a']);
  t.is((await stream.next()).data.text, 'a');
});

test('websocket - a refused upgrade is answered as HTTP', async (t) => {
  const stage = await openStage(t);
  await t.throwsAsync(openWebSocket(t, stage, PATH, ['bearer', 'wrong']), { message: /401/ });
  await t.throwsAsync(openWebSocket(t, stage, '/v1/rooms/nowhere/stream'), { message: /404/ });
  await t.throwsAsync(openWebSocket(t, stage, '/v1/rooms'), { message: /400/ });
});

test('websocket - a client that answers no ping is given up', async (t) => {
  const stage = await openStage(t, { heartbeatMs: 20 });
  const stream = await openWebSocket(t, stage, PATH);
  stream.socket.pong = () => {};
  t.is(await stream.ended, 1006);
});

test('stream - the token in the query is not taken', async (t) => {
  const stage = await openStage(t);
  const path = `${PATH}?access_token=${stage.token}`;
  t.is((await problemIn(t, await fetch(stage.http.address + path), 401)).code, 'TOKEN_MISSING');
});

test('stream - revoking a token ends its streams and no others', async (t) => {
  const stage = await openStage(t);
  const { token, record } = createToken('guest', ['read']);
  const bucket = await stage.bus.bucket('TOKENS');
  await bucket.put('guest', record);
  const guest = { ...stage, token };
  const asked = () => stage.request('/v1/rooms', { headers: { authorization: `Bearer ${token}` } });
  await until('the token is known', async () => (await asked()).status === 200);
  const revoked = await openWebSocket(t, guest, PATH);
  const kept = await openSse(t, stage, PATH);
  await bucket.delete('guest');
  t.is(await revoked.ended, 1008);
  await storeAll(stage.bus, 'lobby', ['on']);
  t.is((await kept.next()).data.text, 'on');
});

test('stream - a token for one room reads that room only', async (t) => {
  const narrow = tokenWith('narrow', 'read:lobby');
  const stage = await openStage(t, { config: { tokens: [narrow.record] } });
  await openSse(t, stage, PATH, narrow.headers);
  const response = await stage.request('/v1/rooms/quake/stream', { headers: narrow.headers });
  t.is((await problemIn(t, response, 403)).scope, 'read:quake');
});

test('stream - readers that come and go leave nothing behind', async (t) => {
  const stage = await openStage(t, { heartbeatMs: 20 });
  for (let round = 0; round < 20; round += 1) {
    const stream = await openSse(t, stage, PATH);
    stream.close();
    await stream.ended;
  }
  const last = await openSse(t, stage, PATH);
  await storeAll(stage.bus, 'lobby', ['a']);
  t.is((await last.next()).data.text, 'a');
});

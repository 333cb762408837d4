import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { network, openStage, problemIn, type StageOptions } from './fixtures.js';

test('problem - an unknown path is 404, a known one with another method 405 with Allow', async (t) => {
  const stage = await openStage(t);
  t.is((await problemIn(t, await stage.request('/v2/rooms'), 404)).code, 'ROUTE_UNKNOWN');
  const response = await stage.request('/v1/rooms/lobby/messages', { method: 'DELETE' });
  t.is(response.headers.get('allow'), 'GET, HEAD, POST');
  t.is((await problemIn(t, response, 405)).code, 'METHOD_NOT_ALLOWED');
});

test('problem - unknown rooms and networks are 404', async (t) => {
  const stage = await openStage(t);
  t.is((await problemIn(t, await stage.post('nowhere', { text: 'hi' }), 404)).code, 'ROOM_UNKNOWN');
  t.is((await problemIn(t, await stage.request('/v1/rooms/a%2Fb/messages'), 404)).code, 'ROOM_UNKNOWN');
  t.is((await problemIn(t, await stage.request('/v1/networks/nowhere'), 404)).code, 'NETWORK_UNKNOWN');
});

test('problem - bodies that are no JSON, empty or of another type', async (t) => {
  const stage = await openStage(t);
  t.is((await problemIn(t, await stage.post('lobby', '{"text":'), 400)).code, 'JSON_INVALID');
  t.is((await problemIn(t, await stage.post('lobby', ''), 400)).code, 'JSON_INVALID');
  t.is(
    (await problemIn(t, await stage.post('lobby', '{"__proto__": {}, "text": "a"}'), 400)).code,
    'JSON_INVALID',
  );
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  t.is((await problemIn(t, await stage.post('lobby', 'text=a', form), 415)).code, 'MEDIA_TYPE_UNKNOWN');
});

test('problem - a body in another encoding is refused, not guessed at', async (t) => {
  const stage = await openStage(t);
  const send = (body: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
    stage.request('/v1/rooms/lobby/messages', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const latin1 = new Uint8Array(Buffer.from('{"text":"für alle"}', 'latin1'));
  const mangled = await problemIn(t, await send(latin1), 400);
  t.is(mangled.code, 'JSON_INVALID');
  t.regex(mangled.detail, /UTF-8/);
  const packed = new Uint8Array(gzipSync('{"text":"small"}'));
  const refused = await problemIn(t, await send(packed, { 'content-encoding': 'gzip' }), 415);
  t.is(refused.code, 'MEDIA_TYPE_UNKNOWN');
  t.regex(refused.detail, /Content-Encoding/);
  const utf8 = new Uint8Array(Buffer.from('\ufeff{"text":"für alle"}'));
  t.is((await send(utf8, { 'content-encoding': 'identity' })).status, 202);
});

test('problem - a body that does not match the schema tells where', async (t) => {
  const stage = await openStage(t);
  const faults: readonly (readonly [unknown, string, RegExp])[] = [
    [{}, '', /text/],
    [{ text: 5 }, '/text', /string/],
    [{ text: ' \n' }, '/text', /pattern/],
    [{ text: 'a', txt: 'b' }, '', /"txt"/],
    [{ text: 'a', type: 'member.ban' }, '/type', /chat\.message/],
    [{ text: 'a', author: { name: 'a\r\nb' } }, '/author/name', /pattern/],
    [{ text: 'a', author: { name: 'a', id: 'irc:forged' } }, '/author', /"id"/],
    [{ text: 'a', replyTo: 'x y' }, '/replyTo', /pattern/],
    [[], '', /1 item/],
    [Array.from({ length: 501 }, () => ({ text: 'a' })), '', /500 items/],
    ['"text"', '', /object/],
  ];
  for (const [body, pointer, detail] of faults) {
    const problem = await problemIn(t, await stage.post('lobby', body), 400);
    t.is(problem.code, 'BODY_INVALID');
    t.is(problem.pointer, pointer);
    t.regex(problem.detail, detail);
  }
});

test('problem - bodies and texts have a size', async (t) => {
  const stage = await openStage(t);
  t.is(
    (await problemIn(t, await stage.post('lobby', { text: 'x'.repeat(300_000) }), 413)).code,
    'BODY_TOO_LARGE',
  );
  t.is(
    (await problemIn(t, await stage.post('lobby', { text: '€'.repeat(10_923) }), 413)).code,
    'TEXT_TOO_LONG',
  );
  t.is(
    (await problemIn(t, await stage.post('lobby', [{ text: 'x'.repeat(32_769) }]), 413)).code,
    'TEXT_TOO_LONG',
  );
  t.is((await stage.post('lobby', { text: '€'.repeat(10_922) })).status, 202);
  t.is((await stage.post('lobby', { text: 'x'.repeat(32_768) })).status, 202);
});

test('problem - a malformed path is told as such', async (t) => {
  const stage = await openStage(t);
  t.is((await problemIn(t, await stage.request('/v1/rooms/%zz/messages'), 400)).code, 'URL_INVALID');
  const long = 'a'.repeat(600);
  t.is((await problemIn(t, await stage.request(`/v1/rooms/${long}/messages`), 404)).code, 'ROUTE_UNKNOWN');
});

/** The whole answer to raw bytes. */
function answerTo(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.once('close', () => resolve(answer)).once('error', reject);
  });
}

test('problem - what is no HTTP gets a problem too', async (t) => {
  const { http } = await openStage(t);
  const garbage = await answerTo(http.address, 'NICK parley\r\nUSER parley 0 * :parley\r\n\r\n');
  t.regex(garbage, /^HTTP\/1\.1 400 [\s\S]+problem\+json[\s\S]+"REQUEST_INVALID"/);
  const headers = await answerTo(
    http.address,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  );
  t.regex(headers, /^HTTP\/1\.1 431 [\s\S]+"HEADERS_TOO_LARGE"/);
});

test('problem - an upgrade to anything but a WebSocket on the stream is refused', async (t) => {
  const stage = await openStage(t);
  const head = `Host: a\r\nAuthorization: Bearer ${stage.token}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
  t.regex(await answerTo(stage.http.address, `GET /v1/rooms HTTP/1.1\r\n${head}`), /^HTTP\/1\.1 400 /);
});

test('problem - a bug inside is a 500 that tells nothing of it', async (t) => {
  const broken = { rooms: () => Promise.reject(new Error('secret path')) as never };
  const stage = await openStage(t, {
    gateway: { ...broken, networks: () => Promise.reject(new Error('secret')) },
  });
  const problem = await problemIn(t, await stage.request('/v1/networks'), 500);
  t.is(problem.code, 'INTERNAL');
  t.notRegex(JSON.stringify(problem), /secret/);
});

const LIMIT: StageOptions = { config: { rateLimit: { max: 3, windowMs: 60_000 } } };

test('limit - above the rate: 429 with Retry-After, for that token only', async (t) => {
  const stage = await openStage(t, LIMIT);
  for (let count = 0; count < 3; count += 1) t.is((await stage.request('/v1/rooms')).status, 200);
  const response = await stage.request('/v1/rooms');
  const seconds = Number(response.headers.get('retry-after'));
  t.true(seconds >= 1 && seconds <= 60);
  t.is((await problemIn(t, response, 429)).code, 'RATE_LIMITED');
  t.is((await fetch(`${stage.http.address}/healthz`)).status, 200);
});

test('limit - a reload can change it', async (t) => {
  const stage = await openStage(t, LIMIT);
  stage.http.update({ ...stage.config, rateLimit: null });
  for (let count = 0; count < 10; count += 1) t.is((await stage.request('/v1/rooms')).status, 200);
});

test('networks - tell each state, by name too', async (t) => {
  const stage = await openStage(t);
  stage.networks.push(network(), network({ network: 'undernet', state: 'retrying', reason: 'K-lined' }));
  const { networks } = (await (await stage.request('/v1/networks')).json()) as { networks: unknown };
  t.deepEqual(networks, stage.networks);
  t.deepEqual(await (await stage.request('/v1/networks/undernet')).json(), stage.networks[1]);
});

test('rooms - tell channels without their options', async (t) => {
  const stage = await openStage(t, { rooms: ['lobby'] });
  t.deepEqual(await (await stage.request('/v1/rooms')).json(), {
    rooms: [
      {
        name: 'lobby',
        channels: [{ network: 'quakenet', channel: '#lobby', direction: 'both', byCommand: false }],
      },
    ],
  });
});

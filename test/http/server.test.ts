import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test from 'ava';
import { ParleyError } from '../../src/errors.js';
import { grantOf, HttpProblem, startHttp } from '../../src/http/index.js';
import { silentLogger } from '../../src/log.js';
import { openSse, openWebSocket } from './events.js';
import { openStage, problemIn, type Stage } from './fixtures.js';

const PATH = '/v1/rooms/lobby/stream';

function startAgain(stage: Stage, host: string, port: number) {
  const gateway = {} as never;
  const config = { listen: { host, port }, tokens: [], publicBind: false };
  return startHttp({ config, bus: stage.bus, gateway, log: silentLogger });
}

test('server - a taken port is told with the way out', async (t) => {
  const stage = await openStage(t);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const error = await t.throwsAsync(startAgain(stage, '127.0.0.1', port), { instanceOf: ParleyError });
  t.is(error?.code, 'PORT_TAKEN');
  t.regex(error?.message ?? '', new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
  t.truthy(error?.fix);
});

test('server - an address of another machine is told with the way out', async (t) => {
  const stage = await openStage(t);
  const error = await t.throwsAsync(startAgain(stage, '127.0.0.1.invalid', 0), { instanceOf: ParleyError });
  t.truthy(error?.fix);
});

test('server - does not listen to the outside unless the config says so', async (t) => {
  const stage = await openStage(t);
  const error = await t.throwsAsync(startAgain(stage, '0.0.0.0', 0), { instanceOf: ParleyError });
  t.is(error?.code, 'CONFIG_INVALID');
});

test('server - stop ends both kinds of streams at once', async (t) => {
  const stage = await openStage(t);
  const sse = await openSse(t, stage, PATH);
  const socket = await openWebSocket(t, stage, PATH);
  const startedMs = performance.now();
  await stage.http.stop(5_000);
  t.is(await sse.ended, 0);
  t.is(await socket.ended, 1001);
  t.true(performance.now() - startedMs < 4_000);
});

test('server - stop lets a request under way finish', async (t) => {
  const { promise: asked, resolve: seen } = gate();
  const { promise: go, resolve: open } = gate();
  const stage = await openStage(t, {
    gateway: {
      networks: async () => {
        seen();
        await go;
        return [];
      },
    },
  });
  const answer = stage.request('/v1/networks');
  await asked;
  const stopped = stage.http.stop(10_000);
  open();
  t.is((await answer).status, 200);
  await stopped;
  await t.throwsAsync(stage.request('/healthz'));
});

test('server - stop cuts off what takes longer than its grace', async (t) => {
  const stage = await openStage(t, { gateway: { networks: () => new Promise(() => {}) } });
  const { hostname, port } = new URL(stage.http.address);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`GET /v1/networks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${stage.token}\r\n\r\n`);
  await stage.request('/healthz');
  const closed = once(socket, 'close');
  await stage.http.stop(100);
  await closed;
  t.pass();
});

test('server - other rooms mount their routes with scope and problems', async (t) => {
  const stage = await openStage(t, {
    routes: [
      async (app) => {
        app.get('/v1/who', { config: { scope: 'status' } }, async (request) => ({
          name: grantOf(request).name,
        }));
        app.get('/v1/gone', { config: { scope: 'none' } }, async () => {
          throw new HttpProblem('NOT_FOUND', 'It is gone.', { fix: 'Look elsewhere.' });
        });
      },
    ],
  });
  t.deepEqual(await (await stage.request('/v1/who')).json(), { name: 'tester' });
  await problemIn(t, await fetch(`${stage.http.address}/v1/who`), 401);
  await problemIn(t, await fetch(`${stage.http.address}/v1/gone`), 404);
});

test('server - a route that names no scope keeps the server from starting', async (t) => {
  const routes = [
    async (app: { get: (path: string, handler: () => Promise<string>) => unknown }) =>
      void app.get('/open', async () => 'all'),
  ];
  await t.throwsAsync(openStage(t, { routes: routes as never }), { message: /scope/ });
});

test('server - every answer has the security headers, and no origin may read it', async (t) => {
  const stage = await openStage(t);
  for (const path of ['/healthz', '/v1/rooms', '/nowhere']) {
    const { headers } = await stage.request(path, { headers: { origin: 'https://evil.example' } });
    t.is(headers.get('x-content-type-options'), 'nosniff', path);
    t.is(headers.get('cache-control'), 'no-store', path);
    t.regex(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    t.is(headers.get('access-control-allow-origin'), null, path);
  }
});

test('server - listed origins may call it, also for streams', async (t) => {
  const origin = 'https://portal.example';
  const stage = await openStage(t, { config: { cors: [origin] } });
  const preflight = await fetch(`${stage.http.address}/v1/rooms/lobby/messages`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  t.is(preflight.status, 204);
  t.is(preflight.headers.get('access-control-allow-origin'), origin);
  const stream = await openSse(t, stage, PATH, { origin });
  t.is(stream.response.headers.get('access-control-allow-origin'), origin);
  const other = await stage.request('/v1/rooms', { headers: { origin: 'https://evil.example' } });
  t.is(other.headers.get('access-control-allow-origin'), null);
});

function gate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

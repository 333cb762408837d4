import test from 'ava';
import { ParleyError } from '../../src/errors.js';
import { createToken, hashToken, type TokenRecord } from '../../src/http/index.js';
import { until } from '../bus/fixtures.js';
import { openStage, problemIn, tokenWith } from './fixtures.js';

test('access - without token: 401 with WWW-Authenticate', async (t) => {
  const stage = await openStage(t);
  const response = await fetch(`${stage.http.address}/v1/rooms`);
  t.is(response.headers.get('www-authenticate'), 'Bearer realm="parley"');
  t.is((await problemIn(t, response, 401)).code, 'TOKEN_MISSING');
});

test('access - with an unknown or malformed token: 401', async (t) => {
  const stage = await openStage(t);
  const codes: string[] = [];
  for (const authorization of ['Bearer nonsense', 'Bearer ', 'Basic dTpw', `Token ${stage.token}`]) {
    const response = await stage.request('/v1/rooms', { headers: { authorization } });
    t.truthy(response.headers.get('www-authenticate'));
    codes.push((await problemIn(t, response, 401)).code);
  }
  t.deepEqual(codes, ['TOKEN_UNKNOWN', 'TOKEN_MISSING', 'TOKEN_MISSING', 'TOKEN_MISSING']);
});

test('access - the scheme is read in any case', async (t) => {
  const stage = await openStage(t);
  const response = await stage.request('/v1/rooms', { headers: { authorization: `bEARER ${stage.token}` } });
  t.is(response.status, 200);
});

test('access - a missing scope is named', async (t) => {
  const reader = tokenWith('reader', 'read', 'write:quake');
  const stage = await openStage(t, { config: { tokens: [reader.record] } });
  const said = await problemIn(t, await stage.post('lobby', { text: 'hi' }, reader.headers), 403);
  t.is(said.code, 'SCOPE_MISSING');
  t.is(said.scope, 'write:lobby');
  const networks = await stage.request('/v1/networks', { headers: reader.headers });
  t.regex(networks.headers.get('www-authenticate') ?? '', /scope="status"/);
  t.is((await problemIn(t, networks, 403)).scope, 'status');
  t.is((await stage.post('quake', { text: 'hi' }, reader.headers)).status, 202);
});

test('access - admin may everything', async (t) => {
  const admin = tokenWith('root', 'admin');
  const stage = await openStage(t, { config: { tokens: [admin.record] } });
  const { headers } = admin;
  t.is((await stage.post('lobby', { text: 'hi' }, headers)).status, 202);
  for (const path of ['/v1/rooms', '/v1/networks', '/v1/rooms/lobby/messages'])
    t.is((await stage.request(path, { headers })).status, 200, path);
});

test('access - a token for one room does not tell which others there are', async (t) => {
  const narrow = tokenWith('narrow', 'read:lobby');
  const stage = await openStage(t, { config: { tokens: [narrow.record] } });
  const { headers } = narrow;
  const { rooms } = (await (await stage.request('/v1/rooms', { headers })).json()) as {
    rooms: { name: string }[];
  };
  t.deepEqual(
    rooms.map(({ name }) => name),
    ['lobby'],
  );
  for (const room of ['quake', 'nowhere'])
    await problemIn(t, await stage.request(`/v1/rooms/${room}/messages`, { headers }), 403);
});

test('access - tokens of the bucket come and go while it runs', async (t) => {
  const stage = await openStage(t);
  const { token, record } = createToken('guest', ['read']);
  const status = async () =>
    (await stage.request('/v1/rooms', { headers: { authorization: `Bearer ${token}` } })).status;
  t.is(await status(), 401);
  const bucket = await stage.bus.bucket<TokenRecord>('TOKENS');
  await bucket.put('guest', record);
  await until('the token is valid', async () => (await status()) === 200);
  await bucket.put('guest', { ...record, scopes: ['write'] });
  await until('the token has other scopes', async () => (await status()) === 403);
  await bucket.delete('guest');
  await until('the token is revoked', async () => (await status()) === 401);
});

test('access - a malformed record in the bucket gives no access and breaks nothing', async (t) => {
  const stage = await openStage(t);
  const bucket = await stage.bus.bucket<unknown>('TOKENS');
  const { token, record } = createToken('guest', ['read']);
  const broken = [
    7,
    null,
    {},
    { ...record, scopes: 'admin' },
    { ...record, name: 'other' },
    { ...record, hash: '' },
  ];
  for (const value of broken) await bucket.put('guest', value);
  await bucket.put('last', createToken('last', ['read']).record);
  const headers = { authorization: `Bearer ${token}` };
  t.is((await stage.request('/v1/rooms', { headers })).status, 401);
  await bucket.put('guest', record);
  await until(
    'a good record is taken',
    async () => (await stage.request('/v1/rooms', { headers })).status === 200,
  );
});

test('access - a reload replaces the tokens of the config', async (t) => {
  const old = tokenWith('old', 'read');
  const next = tokenWith('next', 'read');
  const stage = await openStage(t, { config: { tokens: [old.record] } });
  stage.http.update({ ...stage.config, tokens: [next.record] });
  t.is((await stage.request('/v1/rooms', { headers: old.headers })).status, 401);
  t.is((await stage.request('/v1/rooms', { headers: next.headers })).status, 200);
});

test('token - is 256 random bits, and only its hash is in the record', (t) => {
  const one = createToken('ci', ['read', 'write:lobby'], new Date('2026-11-20T20:42:00Z'));
  t.regex(one.token, /^parley_[A-Za-z0-9_-]{43}$/);
  t.deepEqual(one.record, {
    name: 'ci',
    hash: hashToken(one.token),
    scopes: ['read', 'write:lobby'],
    created: '2026-11-20T20:42:00.000Z',
  });
  t.not(createToken('ci', ['read']).token, one.token);
});

test('token - a malformed name or scope is refused with the way out', (t) => {
  const faults = [
    () => createToken('', ['read']),
    () => createToken('a:b', ['read']),
    () => createToken('ci', []),
    () => createToken('ci', ['reed' as 'read']),
  ].map((create) => t.throws(create, { instanceOf: ParleyError }));
  for (const fault of faults) {
    t.is(fault?.code, 'TOKEN_INVALID');
    t.truthy(fault?.fix);
  }
});

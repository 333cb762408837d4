/** Nothing that a caller sends is answered with 5xx, and no answer is anything but what it says. */
import test from 'ava';
import fc from 'fast-check';
import { openStage, type Stage } from './fixtures.js';

const RUNS = { numRuns: 300 };
const TYPES = [
  'application/json',
  'application/cloudevents+json',
  'text/plain',
  'application/json; charset=latin1',
];

async function isAnswered(response: Response): Promise<boolean> {
  const text = await response.text();
  if (response.status >= 500) return false;
  const type = response.headers.get('content-type') ?? '';
  if (response.status >= 400)
    return type.startsWith('application/problem+json') && JSON.parse(text).status === response.status;
  return JSON.parse(text) !== undefined;
}

const headerText = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))),
});

/** Near the schema, so that much of it passes. */
const almostMessage = fc.record(
  {
    text: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
    type: fc.oneof(fc.constantFrom('chat.message', 'portal.post', 'member.ban'), fc.string()),
    author: fc.oneof(fc.record({ name: fc.string({ unit: 'binary' }) }), fc.anything()),
    replyTo: fc.oneof(fc.constant('01JD0000000000000000000000'), fc.string(), fc.constant(null)),
    markup: fc.oneof(fc.constantFrom('plain', 'markdown'), fc.anything()),
    specversion: fc.constantFrom('1.0', '0.3'),
    id: fc.string({ unit: 'binary' }),
    source: fc.string(),
    subject: fc.constantFrom('lobby', 'quake'),
    data: fc.record({ text: fc.string({ unit: 'binary' }), author: fc.record({ name: fc.string() }) }),
  },
  { requiredKeys: [] },
);

function json(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  );
}

function post(stage: Stage, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return stage.post('lobby', body, headers);
}

test('hostile - no body or key is answered with 5xx', async (t) => {
  const stage = await openStage(t);
  const body = fc.oneof(
    almostMessage.map(json),
    fc.array(almostMessage, { maxLength: 5 }).map(json),
    fc.json(),
    fc.string(),
  );
  const property = fc.asyncProperty(
    body,
    fc.constantFrom(...TYPES),
    fc.option(headerText, { nil: undefined }),
    async (text, type, key) => {
      const headers = { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) };
      return await isAnswered(await post(stage, text, headers));
    },
  );
  await t.notThrowsAsync(fc.assert(property, RUNS));
});

test('hostile - what passes is stored as it is answered', async (t) => {
  const stage = await openStage(t);
  const property = fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (text) => {
    const response = await stage.post('lobby', { text });
    if (response.status !== 202) return response.status === 400;
    const { event } = (await response.json()) as { event: { sequence: string } };
    const [logged] = await stage.bus.read('lobby', { after: Number(event.sequence) - 1, limit: 1 });
    t.deepEqual({ ...logged?.event, sequence: String(logged?.sequence) }, event as never);
    return true;
  });
  await t.notThrowsAsync(fc.assert(property, RUNS));
});

test('hostile - no path or query is answered with 5xx', async (t) => {
  const stage = await openStage(t);
  const part = fc.oneof(
    fc.string({ unit: 'binary' }).map(escaped),
    fc.constantFrom('v1', 'rooms', 'lobby', 'messages', 'networks', '%00', '..'),
  );
  const query = fc
    .tuple(fc.constantFrom('before', 'after', 'limit', 'x'), fc.string())
    .map(([name, value]) => `${name}=${escaped(value)}`);
  const property = fc.asyncProperty(
    fc.array(part, { maxLength: 5 }),
    fc.array(query, { maxLength: 3 }),
    async (parts, queries) => {
      const response = await stage.request(`/${parts.join('/')}?${queries.join('&')}`);
      return await isAnswered(response);
    },
  );
  await t.notThrowsAsync(fc.assert(property, RUNS));
});

test('hostile - no query of the log is answered with 5xx', async (t) => {
  const stage = await openStage(t);
  await stage.post('lobby', [{ text: 'a' }, { text: 'b' }]);
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.constant('01JD0000000000000000000000'),
  );
  const query = fc
    .tuple(fc.constantFrom('before', 'after', 'limit'), value)
    .map(([name, text]) => `${name}=${escaped(text)}`);
  const property = fc.asyncProperty(fc.array(query, { maxLength: 3 }), async (queries) =>
    isAnswered(await stage.request(`/v1/rooms/lobby/messages?${queries.join('&')}`)),
  );
  await t.notThrowsAsync(fc.assert(property, RUNS));
});

test('hostile - no token is answered with anything but 401', async (t) => {
  const stage = await openStage(t);
  const property = fc.asyncProperty(
    fc.oneof(
      headerText,
      headerText.map((text) => `Bearer ${text}`),
    ),
    async (authorization) => {
      const response = await stage.request('/v1/rooms', { headers: { authorization } });
      return response.status === 401 && (await isAnswered(response));
    },
  );
  await t.notThrowsAsync(fc.assert(property, RUNS));
});

/** Also what encodeURIComponent refuses: half characters. */
function escaped(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

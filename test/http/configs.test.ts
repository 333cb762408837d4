import test from 'ava';
import { createToken } from '../../src/http/index.js';
import { openStage } from './fixtures.js';

const admin = createToken('admin', ['admin']);
const taker = createToken('taker', ['config:main']);
const TEXT = 'channels:\n  - { network: one, channel: "#a", room: lobby }\n';

async function stageWithTokens(t: Parameters<typeof openStage>[0]) {
  const stage = await openStage(t, { config: { tokens: [admin.record, taker.record] } });
  const as =
    (token: string) =>
    (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
      fetch(stage.http.address + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
  return { ask: as(admin.token), take: as(taker.token) };
}

test('configs - a document is written, read, changed, compared and taken back', async (t) => {
  const { ask } = await stageWithTokens(t);
  t.is((await ask('PUT', '/v1/configs/main', { text: TEXT })).status, 428);
  const first = await ask(
    'PUT',
    '/v1/configs/main',
    { text: TEXT, comment: 'one' },
    { 'if-none-match': '*' },
  );
  t.is(first.status, 200);
  t.is(first.headers.get('etag'), '"1"');
  t.is((await ask('PUT', '/v1/configs/main', { text: TEXT }, { 'if-none-match': '*' })).status, 412);
  const second = await ask(
    'PUT',
    '/v1/configs/main',
    { text: TEXT.replace('#a', '#b') },
    { 'if-match': '"1"' },
  );
  t.is(second.headers.get('etag'), '"2"');
  const stale = await ask('PUT', '/v1/configs/main', { text: TEXT }, { 'if-match': '"1"' });
  t.is(stale.status, 412);
  t.is(((await stale.json()) as { code: string }).code, 'CONFIG_CHANGED');
  const { diff } = (await (await ask('GET', '/v1/configs/main/diff?from=1')).json()) as { diff: string };
  t.regex(diff, /-.*#a[\s\S]*\+.*#b/);
  const back = await ask('POST', '/v1/configs/main/rollback', { version: 1 }, { 'if-match': '"2"' });
  t.is(((await back.json()) as { text: string }).text, TEXT);
  const { versions } = (await (await ask('GET', '/v1/configs/main/versions')).json()) as {
    versions: readonly { version: number; author: { id: string }; comment: string }[];
  };
  t.deepEqual(
    versions.map(({ version, comment }) => [version, comment]),
    [
      [3, 'back to version 1'],
      [2, ''],
      [1, 'one'],
    ],
  );
  t.is(versions[0]?.author.id, 'http:admin:admin');
  t.is((await ask('GET', '/v1/configs/main/versions/9')).status, 404);
  t.is((await ask('GET', '/v1/configs/none')).status, 404);
});

test('configs - a faulty text is refused with every place, and checked without a change', async (t) => {
  const { ask } = await stageWithTokens(t);
  const text = 'channels:\n  - { network: one, chanel: "#a", room: lobby }\n';
  const put = await ask('PUT', '/v1/configs/main', { text }, { 'if-none-match': '*' });
  t.is(put.status, 422);
  const { problems } = (await put.json()) as { problems: readonly { path: string; line: number }[] };
  t.true(
    problems.some(({ path, line }) => path === 'channels[0].chanel' && line === 2),
    JSON.stringify(problems),
  );
  const checked = await ask('POST', '/v1/configs/main/validate', { text: TEXT });
  const answer = (await checked.json()) as { valid: boolean; problems: unknown[]; diff: string };
  t.true(answer.valid);
  t.deepEqual(answer.problems, []);
  t.regex(answer.diff, /\+.*#a/);
  t.is((await ask('GET', '/v1/configs/main')).status, 404);
});

test('configs - who takes one is told when nothing changed, and needs the scope of that document', async (t) => {
  const { ask, take } = await stageWithTokens(t);
  await ask('PUT', '/v1/configs/main', { text: TEXT }, { 'if-none-match': '*' });
  await ask('PUT', '/v1/configs/other', { text: TEXT }, { 'if-none-match': '*' });
  const yaml = await take('GET', '/config/main.yaml');
  t.is(await yaml.text(), TEXT);
  t.regex(yaml.headers.get('content-type') ?? '', /application\/yaml/);
  const xml = await take('GET', '/config/main.xml');
  t.regex(await xml.text(), /<channel network="one" channel="#a" room="lobby" direction="both"/);
  const tag = xml.headers.get('etag') ?? '';
  t.not(tag, yaml.headers.get('etag'));
  const again = await take('GET', '/config/main.xml', undefined, { 'if-none-match': tag });
  t.is(again.status, 304);
  t.is(again.headers.get('etag'), tag);
  t.is((await take('GET', '/config/other.yaml')).status, 403);
  t.is((await take('GET', '/v1/configs')).status, 403);
  t.is((await take('GET', '/config/none.json')).status, 404);
  t.regex(await (await take('GET', '/config/config.xsd')).text(), /xs:schema/);
  t.is((await fetch(new URL('/config/main.yaml', xml.url))).status, 401);
});

import { readFile } from 'node:fs/promises';
import test from 'ava';
import { SCOPES } from '../../src/config/index.js';
import { PROBLEMS } from '../../src/http/index.js';
import { openStage } from '../http/fixtures.js';

const page = await readFile('docs/http.md', 'utf8');

test('docs/http.md - has every problem with its status, in order, and no other', (t) => {
  const [, section = ''] = page.split('## Problems');
  const rows = [...section.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| \S/gm)].map(([, code, status]) => [
    code,
    status,
  ]);
  t.deepEqual(
    rows,
    Object.entries(PROBLEMS).map(([code, [status]]) => [code, String(status)]),
  );
});

test('docs/http.md - explains every scope', (t) => {
  const [, section = ''] = page.split('| scope | allows |');
  for (const scope of SCOPES) t.true(section.slice(0, 500).includes(`\`${scope}\``), scope);
});

test('docs/http.md - names every route of the API', async (t) => {
  const { http } = await openStage(t);
  const { paths } = (await (await fetch(`${http.address}/openapi.json`)).json()) as { paths: object };
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations))
      t.true(page.includes(`\`${method.toUpperCase()} ${path}\``), path);
  }
});

type Follow = (
  room: string,
  token: string,
  after: string | null,
  onEvent: (event: { readonly data: { readonly text: string } }) => void,
  signal: AbortSignal,
) => Promise<void>;

test('docs/http.md - its example follows a room and resumes', async (t) => {
  const { http, token, post } = await openStage(t);
  const [, example = ''] = /```js\n(async function follow[\s\S]*?)```/.exec(page) ?? [];
  const follow = new Function('U', `${example}; return follow;`)(http.address) as Follow;
  for (const text of ['one', 'two', 'three']) await post('lobby', { text });
  const texts: string[] = [];
  const stop = new AbortController();
  await follow(
    'lobby',
    token,
    '1',
    ({ data }) => {
      texts.push(data.text);
      if (texts.length === 2) stop.abort();
    },
    stop.signal,
  );
  t.deepEqual(texts, ['two', 'three']);
});

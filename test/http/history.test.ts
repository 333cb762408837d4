import test from 'ava';
import { makeEvent, numbered, storeAll } from '../bus/fixtures.js';
import { openStage, problemIn, type Stage } from './fixtures.js';

interface Item {
  readonly id: string;
  readonly sequence: string;
  readonly data: { readonly text: string };
}

async function page(stage: Stage, path: string) {
  const response = await stage.request(path);
  const items = (await response.json()) as readonly Item[];
  const links = (response.headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g);
  const link = new Map([...links].map(([, url = '', rel = '']) => [rel, url]));
  return { texts: items.map(({ data }) => data.text), items, link };
}

const PATH = '/v1/rooms/lobby/messages';

test('history - gives the latest 50, oldest first, with their sequence', async (t) => {
  const stage = await openStage(t);
  await storeAll(stage.bus, 'lobby', numbered(60));
  const { texts, items } = await page(stage, PATH);
  t.deepEqual(texts, numbered(50, 10));
  const logged = await stage.bus.read('lobby', { limit: 50 });
  t.deepEqual(
    items.map(({ sequence }) => sequence),
    logged.map(({ sequence }) => String(sequence)),
  );
});

test('history - the links lead through the whole log and back', async (t) => {
  const stage = await openStage(t);
  await storeAll(stage.bus, 'lobby', numbered(25));
  await storeAll(stage.bus, 'quake', ['elsewhere']);
  const seen: string[][] = [];
  let url: string | undefined = `${PATH}?limit=10`;
  while (url !== undefined) {
    const { texts, link } = await page(stage, url);
    if (texts.length > 0) seen.unshift(texts);
    url = link.get('prev');
  }
  t.deepEqual(seen, [numbered(5), numbered(10, 5), numbered(10, 15)]);
  const oldest = await page(stage, `${PATH}?after=0&limit=20`);
  t.deepEqual(oldest.texts, numbered(20));
  t.deepEqual((await page(stage, oldest.link.get('next') ?? '')).texts, numbered(5, 20));
});

test('history - event ids are cursors too', async (t) => {
  const stage = await openStage(t);
  const middle = makeEvent('lobby', 'middle');
  await storeAll(stage.bus, 'lobby', ['a', 'b']);
  await stage.bus.store(middle);
  await storeAll(stage.bus, 'lobby', ['c', 'd']);
  const id = encodeURIComponent(middle.id);
  t.deepEqual((await page(stage, `${PATH}?after=${id}`)).texts, ['c', 'd']);
  t.deepEqual((await page(stage, `${PATH}?before=${id}`)).texts, ['a', 'b']);
});

test('history - a cursor that is not in the log is a fault of the query', async (t) => {
  const stage = await openStage(t);
  for (const cursor of ['01JD0000000000000000000000', 'nonsense', '99999999999999999']) {
    const response = await stage.request(`${PATH}?after=${cursor}`);
    t.is((await problemIn(t, response, 400)).code, 'CURSOR_UNKNOWN', cursor);
  }
});

test('history - limits and combinations are checked', async (t) => {
  const stage = await openStage(t);
  for (const query of [
    'limit=0',
    'limit=501',
    'limit=many',
    'limit=1&limit=2',
    'befor=1',
    'before=1&after=2',
  ]) {
    const response = await stage.request(`${PATH}?${query}`);
    t.is((await problemIn(t, response, 400)).code, 'QUERY_INVALID', query);
  }
});

test('history - an empty room is an empty list', async (t) => {
  const stage = await openStage(t);
  const { texts, link } = await page(stage, PATH);
  t.deepEqual(texts, []);
  t.is(link.size, 0);
});

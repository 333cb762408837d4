/** For who sees, hears or types it: colours, sizes, a phone, a screen reader. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { until } from '../peers/index.js';
import { type ConsoleStage, startConsole } from './stage.js';

let stage: ConsoleStage;
const ends: (() => void | Promise<void>)[] = [];
test.before(async () => {
  const context = {
    teardown: (end: () => void | Promise<void>) => ends.push(end),
  } as unknown as ExecutionContext;
  stage = await startConsole(context);
  stage.alice.say('#a', 'a line with \x02bold\x02 and https://example.org/');
});
test.after.always(async () => {
  for (const end of ends.reverse()) await end();
});

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 390, height: 800 };
const PAGES = [
  '',
  'rooms',
  'rooms/lobby',
  'people',
  'commands',
  'bans',
  'broadcasts',
  'config',
  'config/main',
  'audit',
  'dead',
];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function settled(page: Page, path: string): Promise<void> {
  await page.goto(`${stage.url}#/${path}`);
  await page.locator('main h1').waitFor({ state: 'attached' });
  await page.getByText('Loading …').first().waitFor({ state: 'detached' });
}

async function violations(page: Page): Promise<readonly string[]> {
  // From outside of the page, whose policy lets in no script.
  const found = (await page.evaluate(
    `${AXE}; axe.run().then(({ violations }) => violations)`,
  )) as Violation[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.serial(`console - every page can be used with a screen reader, ${colorScheme}`, async (t) => {
    const page = await stage.open(t, { colorScheme });
    t.deepEqual(await violations(page), [], 'sign in');
    const inside = await stage.enter(t, '', { colorScheme });
    for (const path of PAGES) {
      await settled(inside, path);
      t.deepEqual(await violations(inside), [], path);
    }
  });
}

test.serial('console - no page is wider than a phone', async (t) => {
  const page = await stage.enter(t, '', { viewport: PHONE, hasTouch: true });
  for (const path of PAGES) {
    await settled(page, path);
    const width = (await page.evaluate('document.documentElement.scrollWidth')) as number;
    t.true(width <= PHONE.width, `${path}: ${width} px`);
  }
});

test.serial('console - colours follow the system, or the choice, which stays', async (t) => {
  const page = await stage.enter(t, '', { colorScheme: 'dark' });
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.getByLabel('Colours').selectOption('light');
  await until(async () => (await ground()) !== dark, { what: 'the light colours' });
  const light = await ground();
  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await until(async () => (await ground()) === light, { what: 'the choice to stay' });
  await page.getByLabel('Colours').selectOption('system');
  await until(async () => (await ground()) === dark, { what: 'the colours of the system' });
  t.not(light, dark);
});

test.serial('console - thousands of lines are said, and the page holds some hundred of them', async (t) => {
  const page = await stage.enter(t, 'rooms/lobby');
  await page.getByRole('log').waitFor();
  const send = (from: number) =>
    fetch(new URL('/v1/rooms/lobby/messages', stage.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 500 }, (_, index) => ({ text: `number ${from + index}.` }))),
    });
  for (let from = 0; from < 3_000; from += 500) t.is((await send(from)).status, 202);
  await page.locator('.log').getByText('number 2999.', { exact: true }).waitFor();
  const held = await page.locator('.log .line').count();
  t.true(held <= 400, `${held} lines`);
});

test.serial('console - the page is small, and served to be kept', async (t) => {
  const directory = resolve(import.meta.dirname, '../../page');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(html|js|css|svg)$/.test(name),
  );
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0);
  t.log(`${Math.round(bytes / 1024)} KB gzipped`);
  t.true(bytes < 150 * 1024);
  const script = files.find((name) => name.endsWith('.js')) ?? '';
  const asked = await fetch(stage.url + script, { headers: { 'accept-encoding': 'br' } });
  t.is(asked.headers.get('content-encoding'), 'br');
  t.regex(asked.headers.get('cache-control') ?? '', /immutable/);
  t.true((await asked.text()).length > 1000);
  const zipped = await fetch(stage.url + script, { headers: { 'accept-encoding': 'gzip, br;q=0' } });
  t.is(zipped.headers.get('content-encoding'), 'gzip');
  t.is(await zipped.text(), readFileSync(join(directory, script), 'utf8'));
  const page = await fetch(stage.url);
  t.is(page.headers.get('cache-control'), 'no-cache');
  const known = { 'if-none-match': page.headers.get('etag') ?? '' };
  t.is((await fetch(stage.url, { headers: known })).status, 304);
  // Relative, so that it also holds behind a proxy that puts a path before.
  const bare = await fetch(new URL('/console', stage.url), { redirect: 'manual' });
  t.is(bare.headers.get('location'), 'console/');
  t.is((await fetch(`${stage.url}assets/none.js`)).status, 404);
  t.is((await fetch(`${stage.url}assets/..%2f..%2fpackage.json`)).status, 404);
});

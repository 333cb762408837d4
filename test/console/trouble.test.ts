/** The gateway goes and comes back, the token ends, an event is like none before: the page says what is the matter. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createToken } from '../../src/http/index.js';
import { newId } from '../../src/message/index.js';
import { seen } from '../gateway/stage.js';
import { type ConsoleStage, signIn, startConsole } from './stage.js';

let stage: ConsoleStage;
const ends: (() => void | Promise<void>)[] = [];
test.before(async () => {
  const context = {
    teardown: (end: () => void | Promise<void>) => ends.push(end),
  } as unknown as ExecutionContext;
  stage = await startConsole(context);
});
test.after.always(async () => {
  for (const end of ends.reverse()) await end();
});

test.serial('console - a token that is revoked leads back to the sign-in, with the reason', async (t) => {
  const { token, record } = createToken('guest', ['admin']);
  const tokens = await stage.gateway.bus.bucket('TOKENS');
  await tokens.put('guest', record);
  const page = await stage.open(t);
  await signIn(page, token);
  await page.goto(`${stage.url}#/rooms/lobby`);
  await page.getByRole('log').waitFor();
  await tokens.delete('guest');
  await page.getByLabel('Token').waitFor();
  await page.getByText(/not valid, or was revoked/).waitFor();
  t.is(await page.evaluate('sessionStorage.length'), 0);
});

test.serial('console - a gateway that does not answer is waited for, and no line is missed', async (t) => {
  const page = await stage.enter(t, 'rooms/lobby');
  await page.getByRole('log').waitFor();
  stage.alice.say('#a', 'before it went');
  await page.locator('.log').getByText('before it went').waitFor();
  await page.context().setOffline(true);
  await page.getByLabel(/Say something/).fill('said once');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The gateway does not answer.').first().waitFor();
  stage.alice.say('#a', 'while it was away');
  await stage.bob.waitFor(({ text }) => seen(text).includes('while it was away'));
  await page.context().setOffline(false);
  await page.locator('.log').getByText('while it was away').waitFor();
  t.is(await page.getByLabel(/Say something/).inputValue(), 'said once', 'what was not said stays');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.log').getByText('said once').waitFor();
});

test.serial('console - who signs in while the gateway is away is let in when it is back', async (t) => {
  const page = await stage.open(t);
  await page.context().setOffline(true);
  await page.getByLabel('Token').fill(stage.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The gateway does not answer.').waitFor();
  await page.context().setOffline(false);
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  t.pass();
});

test.serial('console - an event of a type that nobody knows is shown by its type', async (t) => {
  const page = await stage.enter(t, 'rooms/lobby');
  await page.getByRole('log').waitFor();
  const event = {
    specversion: '1.0',
    id: newId(),
    source: '/http/acme',
    type: 'acme.thing',
    subject: 'lobby',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: null,
  } as unknown as Parameters<typeof stage.gateway.bus.store>[0];
  await stage.gateway.bus.store(event);
  await page.locator('.line', { hasText: 'acme.thing' }).getByText('HTTP acme').first().waitFor();
  stage.alice.say('#a', 'and on it goes');
  await page.locator('.log').getByText('and on it goes').waitFor();
  t.pass();
});

test.serial('console - who reads further up is left there, whatever is said meanwhile', async (t) => {
  const say = (texts: readonly string[]) =>
    fetch(new URL('/v1/rooms/lobby/messages', stage.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(texts.map((text) => ({ text }))),
    });
  await say(Array.from({ length: 480 }, (_, index) => `early ${index}.`));
  const page = await stage.enter(t, 'rooms/lobby');
  const log = page.locator('.log');
  await log.getByText('early 479.').waitFor();
  for (const oldest of [350, 250, 150, 50]) {
    await page.getByRole('button', { name: 'Older lines' }).click();
    await log.getByText(new RegExp(`early ${oldest - 40}\\.`)).waitFor();
  }
  const read = log.getByText('early 100.');
  await read.scrollIntoViewIfNeeded();
  const place = async () => (await read.boundingBox())?.y;
  const before = await place();
  await say(Array.from({ length: 30 }, (_, index) => `late ${index}.`));
  await page.getByRole('button', { name: /30 new lines/ }).waitFor();
  t.is(await place(), before);
  await page.getByRole('button', { name: /30 new lines/ }).click();
  await log.getByText('late 29.').waitFor();
});

test.serial('console - who saves over a version that came between is told, and may take that', async (t) => {
  const put = (text: string, which: Readonly<Record<string, string>>) =>
    fetch(new URL('/v1/configs/shared', stage.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json', ...which },
      body: JSON.stringify({ text }),
    });
  t.is((await put('bans: []\n', { 'if-none-match': '*' })).status, 200);
  const page = await stage.enter(t, 'config/shared');
  const field = page.getByRole('textbox', { name: /Text of shared/ });
  await field.fill('# mine\nbans: []\n');
  t.is((await put('# theirs\nbans: []\n', { 'if-match': '"1"' })).status, 200);
  await page.getByRole('button', { name: 'Save …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  const take = page.getByRole('button', { name: /Load what is there now/ });
  await take.waitFor();
  t.is(await field.inputValue(), '# mine\nbans: []\n', 'nothing is lost unasked');
  await take.click();
  await page.getByText('shared, version 2').waitFor();
  t.is(await field.inputValue(), '# theirs\nbans: []\n');
});

test.serial('console - it works behind a proxy that puts a path before', async (t) => {
  const { hostname, port } = new URL(stage.url);
  const proxy = createServer((asked, answer) => {
    const path = (asked.url ?? '').replace(/^\/parley/, '');
    const { method, headers } = asked;
    const onwards = request({ hostname, port, path, method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answer);
    });
    onwards.on('error', () => answer.destroy());
    asked.pipe(onwards);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const page = await stage.open(t);
  page.removeAllListeners('request');
  await page.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/parley/console`);
  await signIn(page, stage.token);
  await page.getByRole('link', { name: 'Rooms' }).click();
  await page.getByRole('link', { name: 'lobby' }).click();
  await page.getByRole('log').waitFor();
  stage.alice.say('#a', 'through the proxy');
  await page.locator('.log').getByText('through the proxy').waitFor();
  t.pass();
});

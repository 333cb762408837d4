/** What people write never becomes part of the page, and pages of others can do nothing here. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { quoted } from '../../console/src/quote.js';
import { wordsOf } from '../../control-server/grammar.js';
import { ircClient } from '../peers/index.js';
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

const EVIL = '<img src=x onerror=alert(1)>';
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

function authorized(init: RequestInit = {}): RequestInit {
  return {
    ...init,
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
  };
}

/** Names, lines, topics, reasons, targets: wherever somebody can write something. */
async function writeEverywhere(t: ExecutionContext): Promise<void> {
  // As near as IRC lets a nick come.
  const odd = await ircClient(t, stage.one, { nick: '[x]{y}|`^' });
  await odd.join('#a');
  odd.say(
    '#a',
    `${EVIL} javascript:alert(2) **${EVIL}** [x](javascript:alert(3)) https://a.example/"onload="alert(4)`,
  );
  odd.say('#a', `\x01ACTION ${EVIL}\x01`);
  stage.alice.send(`TOPIC #a :${EVIL}`);
  await odd.roundtrip();
  const say = { text: EVIL, author: { name: EVIL }, markup: 'markdown' };
  const post = (path: string, body: unknown) =>
    fetch(new URL(path, stage.url), authorized({ method: 'POST', body: JSON.stringify(body) }));
  await post('/v1/rooms/lobby/messages', say);
  await post('/v1/commands', {
    line: `mute --everywhere --nick --dry-run --force ${quoted('<b>*')} ${quoted(EVIL)}`,
  });
  const event = await (await post('/v1/rooms/lobby/messages', say)).json();
  await stage.gateway.bus.dead.put({
    network: 'two',
    channel: EVIL,
    reason: EVIL,
    attempts: 1,
    time: new Date().toISOString(),
    event: (event as { event: Parameters<typeof stage.gateway.bus.store>[0] }).event,
  });
}

test.serial('console - markup that somebody writes stays text on every page', async (t) => {
  await writeEverywhere(t);
  const page = await stage.enter(t, 'rooms/lobby');
  await page.locator('.log').getByText('onerror').first().waitFor();
  for (const path of PAGES) {
    await page.goto(`${stage.url}#/${path}`);
    await page.locator('main h1').waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle').catch(() => {});
    t.is(await page.locator('img, iframe, object, embed, main script').count(), 0, path);
    t.is(await page.locator('[onerror], [onload], a[href^="javascript:"]').count(), 0, path);
  }
  await page.goto(`${stage.url}#/audit`);
  await page.getByText('<b>*').first().waitFor();
  await page.goto(`${stage.url}#/dead`);
  await page.getByText(EVIL).first().waitFor();
});

test.serial('console - the page of somebody else can neither act nor read, signed in or not', async (t) => {
  const target = new URL('/v1/commands', stage.url).href;
  const attack = `<form id="f" method="post" enctype="text/plain" action="${target}"><input name='{"line":"announce owned","x":"' value='"}'></form>`;
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(`<body>${attack}`),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const page = await stage.open(t);
  await signIn(page, stage.token);
  const { port } = server.address() as AddressInfo;
  page.removeAllListeners('request');
  await page.goto(`http://127.0.0.1:${port}/`);
  const outcome = await page.evaluate(`(async () => {
    const tries = [];
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }])
      tries.push(await fetch(${JSON.stringify(target)}, { method: 'POST', headers, credentials: 'include', body: '{"line":"announce owned"}' })
        .then((answer) => 'read ' + answer.status, () => 'kept out'));
    return tries;
  })()`);
  t.deepEqual(outcome, ['kept out', 'kept out']);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url() === target),
    page.evaluate('document.getElementById("f").submit()'),
  ]);
  t.is(answer.status(), 401, 'no cookie speaks for who is signed in');
  t.false(stage.alice.received.some(({ text }) => text.includes('owned')));
  // Nor can it be put into a frame and clicked through.
  const { headers } = await fetch(stage.url);
  t.regex(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  t.is(headers.get('set-cookie'), null);
});

test.serial('console - nothing is asked of others, and its policy was never broken', (t) => {
  t.deepEqual(stage.foul, []);
});

test('console - what the page puts into a command comes out of the grammar as that one word', (t) => {
  const usage = '<who> [--for <duration>] [--force] [reason]';
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (word, other) => {
      // The line is trimmed and its lines are joined before.
      const kept = (text: string) => text.replace(/[\r\n]+/g, ' ');
      const { args, flags } = wordsOf(`${quoted(word)} --for ${quoted('2h')} ${quoted(other)}`, usage);
      t.deepEqual(args, [kept(word), kept(other)]);
      t.deepEqual(flags, { for: '2h' });
    }),
    { numRuns: 500 },
  );
});

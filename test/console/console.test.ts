import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { seen } from '../gateway/stage.js';
import { type ConsoleStage, signIn, startConsole } from './stage.js';

/** Started by the first test, and used by all: a browser takes a second. */
let stage: ConsoleStage;

const ends: (() => void | Promise<void>)[] = [];
test.before(async (t) => {
  const context = {
    teardown: (end: () => void | Promise<void>) => ends.push(end),
  } as unknown as ExecutionContext;
  stage = await startConsole(context);
  t.log(`Chromium ${stage.browser.version()}`);
});
test.after.always(async () => {
  for (const end of ends.reverse()) await end();
});

/** Waits until the page shows it. */
async function shows(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

async function give(line: string): Promise<readonly string[]> {
  const answer = await fetch(new URL('/v1/commands', stage.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ line }),
  });
  return ((await answer.json()) as { lines: readonly string[] }).lines;
}

test.serial(
  'console - a token that is not valid is refused with what to do, a valid one leads in',
  async (t) => {
    const page = await stage.open(t);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows(page, /not valid, or was revoked/);
    await shows(page, /parley token list/);
    await signIn(page, stage.token);
    await shows(page, '2 of 2');
    t.is(await page.title(), 'Overview – Parley');
    // As long as the tab is open, and no longer.
    await page.reload();
    await shows(page, '2 of 2');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    t.is(await page.evaluate('sessionStorage.length'), 0);
  },
);

test.serial('console - the keyboard alone leads in, says a line, and it is heard on IRC', async (t) => {
  const page = await stage.open(t);
  await page.locator('#token:focus').waitFor();
  await page.keyboard.type(stage.token);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await page.getByRole('link', { name: 'Rooms' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'lobby' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: /Say something in lobby/ }).focus();
  await page.keyboard.type('from the console');
  await page.keyboard.press('Enter');
  const heard = await stage.alice.waitFor(({ text }) => seen(text).includes('from the console'));
  t.regex(seen(heard.text), /operator/);
  await page.locator('.log').getByText('from the console').waitFor();
});

test.serial('console - a line of IRC appears at once, with who said it and where from', async (t) => {
  const page = await stage.enter(t, 'rooms/lobby');
  await page.getByRole('log').waitFor();
  await shows(page, /people here/);
  stage.bob.say('#b', 'seen \x02live\x02 at https://example.org/a?b=1.');
  const line = page.locator('.line', { hasText: 'seen live at' });
  await line.waitFor();
  t.is(await line.locator('strong').innerText(), 'bob');
  t.is(await line.locator('.from').innerText(), 'two #b');
  t.is(await line.locator('.bold').innerText(), 'live');
  t.is(await line.locator('a').getAttribute('href'), 'https://example.org/a?b=1');
  await page.locator('.roster').getByText('alice').waitFor();
  // What became of it.
  await line.getByRole('button', { name: /What became of/ }).click();
  const dialog = page.getByRole('dialog', { name: 'What became of it' });
  await dialog.getByText('said').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test.serial('console - older lines are loaded above, and what is read stays where it is', async (t) => {
  for (let i = 0; i < 130; i += 1) stage.alice.say('#a', `old line ${i}.`);
  await stage.bob.waitFor(({ text }) => seen(text).includes('old line 129.'));
  const page = await stage.enter(t, 'rooms/lobby');
  await page.locator('.log').getByText('old line 129.').waitFor();
  t.is(await page.locator('.log').getByText('old line 3.', { exact: true }).count(), 0);
  const older = page.getByRole('button', { name: 'Older lines' });
  await older.click();
  await page.locator('.log').getByText('old line 3.', { exact: true }).waitFor();
  const follows = await page
    .locator('.log')
    .evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  t.true(follows > 100, 'it is not thrown to the end');
  stage.alice.say('#a', 'newest of all');
  await page.getByRole('button', { name: /new line/ }).click();
  await page.locator('.log').getByText('newest of all').waitFor();
});

test.serial('console - a mute set on the page is in force, on record, and lifted there', async (t) => {
  const page = await stage.enter(t, 'bans');
  await page.getByText('Ban or mute somebody').click();
  await page.getByLabel('Whom').fill('bo"b\\*');
  await page.getByLabel('Taken as').selectOption('nick');
  await page.getByLabel('Reason').fill('quotes " and \\ and --everywhere stay words');
  await page.getByRole('button', { name: 'Set' }).click();
  const row = page.getByRole('row', { name: /quotes " and/ });
  await row.waitFor();
  t.regex(await row.innerText(), /bo"b\\\*/);
  t.regex((await give('bans')).join('\n'), /nick bo"b\\\*.*quotes " and \\ and --everywhere stay words/);
  await row.getByRole('button', { name: /Lift/ }).click();
  await shows(page, /lifted/);
  // The button went with its row; the focus did not go with it.
  await page.locator('.notice:focus').waitFor();
  await row.waitFor({ state: 'detached' });
  await page.getByLabel('Those that have ended, too').check();
  await row.getByText('lifted by operator').waitFor();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page
    .getByRole('row', { name: /unmute/ })
    .first()
    .waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('stay words');
  await page
    .getByRole('row', { name: /stay words/ })
    .first()
    .waitFor();
});

test.serial('console - commands are given with completion and history, refusals are told', async (t) => {
  const page = await stage.enter(t, 'commands');
  const field = page.getByRole('combobox', { name: 'Command' });
  await field.fill('ping');
  await field.press('Enter');
  await shows(page, /pong from test/);
  await field.fill('no-such-command');
  await field.press('Enter');
  await page.getByRole('alert').waitFor();
  await field.press('ArrowUp');
  t.is(await field.inputValue(), 'no-such-command');
  await field.press('ArrowUp');
  t.is(await field.inputValue(), 'ping');
  await page.getByRole('button', { name: 'bans', exact: true }).click();
  t.is(await field.inputValue(), 'bans ');
});

test.serial('console - a broadcast list is paused and goes on', async (t) => {
  const page = await stage.enter(t, 'broadcasts');
  await page.getByRole('button', { name: 'Pause qw' }).click();
  await shows(page, /paused/);
  await page.getByRole('button', { name: 'Resume qw' }).click();
  await page.getByRole('row', { name: /qw.*open/s }).waitFor();
  t.pass();
});

test.serial('console - a dead letter is said again', async (t) => {
  await stage.gateway.bus.dead.put({
    network: 'two',
    channel: '#b',
    reason: 'it was refused',
    attempts: 3,
    time: new Date().toISOString(),
    event: await eventOf('a dead line'),
  });
  const page = await stage.enter(t, 'dead');
  await page.getByRole('row', { name: /a dead line/ }).waitFor();
  await page.getByRole('button', { name: /Say again/ }).click();
  await stage.bob.waitFor(({ text }) => seen(text).includes('a dead line'));
  await shows(page, 'None: every network took everything.');
  t.pass();
});

test.serial('console - a dead letter is dropped by who presses twice', async (t) => {
  await stage.gateway.bus.dead.put({
    network: 'two',
    channel: '#b',
    reason: 'it was refused',
    attempts: 3,
    time: new Date().toISOString(),
    event: await eventOf('a line to drop'),
  });
  const page = await stage.enter(t, 'dead');
  const row = page.getByRole('row', { name: /a line to drop/ });
  await row.getByRole('button', { name: /^Drop/ }).click();
  await row.getByRole('button', { name: /^Really drop\?/ }).press('Enter');
  await row.waitFor({ state: 'detached' });
  await page.locator('.notice:focus').waitFor();
  t.false(stage.bob.received.some(({ text }) => seen(text).includes('a line to drop')));
});

test.serial('console - people are found over all networks', async (t) => {
  const page = await stage.enter(t, 'people');
  await page.getByRole('row', { name: /alice/ }).waitFor();
  await page.getByRole('searchbox').fill('bob');
  await page.getByRole('row', { name: /alice/ }).waitFor({ state: 'detached' });
  t.regex(await page.getByRole('row', { name: /bob/ }).innerText(), /two/);
});

test.serial(
  'console - a token of fewer scopes sees only its pages, and is told what others need',
  async (t) => {
    const page = await stage.open(t);
    await signIn(page, stage.reader);
    const names = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts();
    t.deepEqual(names, ['Rooms', 'People']);
    await page.goto(`${stage.url}#/bans`);
    await shows(page, /has no scope “admin”/);
    await page.goto(`${stage.url}#/rooms/lobby`);
    await page.getByRole('log').waitFor();
    t.is(await page.getByRole('textbox').count(), 0, 'it may not write');
  },
);

test.serial('console - a document is written, its faults are shown, and it is taken back', async (t) => {
  const page = await stage.enter(t, 'config');
  await page.getByLabel('Open or begin a document').fill('main');
  await page.getByRole('button', { name: 'Open' }).click();
  const field = page.getByRole('textbox', { name: 'Text of main, YAML' });
  await field.fill('channels:\n  - { network: one, chanel: "#x", room: lobby }\n');
  await page.getByRole('button', { name: 'Check' }).click();
  await shows(page, /Line 2, channels\[0\]\.chanel/);
  t.is(await page.locator('.editor .faulty').innerText(), '2\n');
  const good = (channel: string) => `channels:\n  - { network: one, channel: "${channel}", room: lobby }\n`;
  for (const [version, channel] of ['#x', '#y'].entries()) {
    await field.fill(good(channel));
    await page.getByRole('button', { name: 'Save …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save this change?' });
    await dialog.locator('.added', { hasText: channel }).waitFor();
    await dialog.getByLabel('Why, for the history').fill(`for ${channel}`);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await shows(page, `Saved as version ${version + 1}.`);
  }
  await page
    .getByRole('row', { name: /for #x/ })
    .getByRole('button')
    .click();
  const dialog = page.getByRole('dialog', { name: 'Back to version 1?' });
  await dialog.locator('.removed', { hasText: '#y' }).waitFor();
  await dialog.getByRole('button', { name: /Take back/ }).click();
  await shows(page, 'main, version 3');
  t.is(await field.inputValue(), good('#x'));
});

async function eventOf(text: string) {
  const response = await fetch(new URL('/v1/rooms/lobby/messages', stage.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'a line before' }),
  });
  const { event } = (await response.json()) as { event: Parameters<typeof stage.gateway.bus.store>[0] };
  return { ...event, data: { ...event.data, text } };
}

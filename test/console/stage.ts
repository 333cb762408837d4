/** A gateway with two IRC networks, a browser, and somebody who is signed in at the console. */
import type { ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Scope } from '../../src/config/index.js';
import { createToken } from '../../src/http/index.js';
import { startTwoNetworks, type TwoNetworks } from '../gateway/stage.js';
import { openChromium } from '../peers/chromium.js';

export interface ConsoleStage extends TwoNetworks {
  /** `http://127.0.0.1:…/console/`. */
  readonly url: string;
  /** Of the scope admin. */
  readonly token: string;
  readonly browser: Browser;
  /** What pages asked of other origins, or were kept from by their policy. */
  readonly foul: string[];
  /** A page of its own, closed at the end of the test. */
  open(t: ExecutionContext, options?: BrowserContextOptions): Promise<Page>;
  /** The same, signed in, at a page of the console such as `bans`. */
  enter(t: ExecutionContext, path: string, options?: BrowserContextOptions): Promise<Page>;
  /** As somebody else with only these scopes. */
  readonly reader: string;
}

const MORE = `broadcasts:
  lists:
    qw: { commands: [".qw"], about: "Games that need players.", cooldown: { overall: 0s, person: 0s, channel: 0s } }
`;

/** Lives as long as `t`. */
export async function startConsole(t: ExecutionContext, more = MORE): Promise<ConsoleStage> {
  const admin = createToken('operator', ['admin']);
  const reader = createToken('reader', ['read:lobby'] as readonly Scope[]);
  const tokens = [admin, reader].map(
    ({ record: { name, hash, scopes } }) =>
      `{ name: ${name}, hash: "${hash}", scopes: ${JSON.stringify(scopes)} }`,
  );
  const stage = await startTwoNetworks(t, more, `tokens: [ ${tokens.join(', ')} ]`);
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const url = `${stage.gateway.http}/console/`;
  const foul: string[] = [];
  const open = async (test: ExecutionContext, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext(options);
    test.teardown(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    watch(page, new URL(url).origin, foul);
    await page.goto(url);
    return page;
  };
  const enter = async (test: ExecutionContext, path: string, options: BrowserContextOptions = {}) => {
    const page = await open(test, options);
    await signIn(page, admin.token);
    await page.goto(`${url}#/${path}`);
    return page;
  };
  return { ...stage, url, token: admin.token, reader: reader.token, browser, foul, open, enter };
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

function watch(page: Page, origin: string, foul: string[]): void {
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) foul.push(`asked ${request.url()}`);
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) foul.push(message.text());
  });
  page.on('pageerror', (error) => foul.push(String(error)));
  page.on('dialog', (dialog) => {
    foul.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

/** Channels and bans that a gateway takes from another one, over HTTP, on real IRC servers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createToken } from '../../src/http/index.js';
import { makeKey } from '../../src/remote/index.js';
import { startNgircd, until } from '../peers/index.js';
import { network, seen, startStage, visitor } from './stage.js';

const admin = createToken('admin', ['admin']);
const taker = createToken('taker', ['config:main']);

/** A gateway that serves documents, and somebody who writes them. */
async function server(t: ExecutionContext, more = '') {
  const tokens = [admin, taker].map(
    ({ record: { name, hash, scopes } }) =>
      `{ name: ${name}, hash: "${hash}", scopes: ${JSON.stringify(scopes)} }`,
  );
  const stage = await startStage(t, 'networks: {}\nrooms: {}\n', `tokens: [ ${tokens.join(', ')} ]${more}`);
  const url = stage.gateway.http ?? '';
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const write = async (text: string, base: number | null) => {
    const which = base === null ? { 'if-none-match': '*' } : { 'if-match': `"${base}"` };
    const answer = await ask(
      'PUT',
      '/v1/configs/main',
      { text, comment: 'by a test' },
      which as Record<string, string>,
    );
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  };
  return { stage, url, ask, write };
}

const remote = (url: string, more = '') =>
  `remote: [ { name: main, url: "${url}/config/main.xml", interval: 5s, token: ${taker.token}${more} } ]\n`;

const channels = (...names: string[]) =>
  `channels: [ ${names.map((name) => `{ network: one, channel: "${name}", room: lobby }`).join(', ')} ]\n`;

test('remote - a channel of a document is joined, and left when it is gone; its bans are in force and lifted', async (t) => {
  const [irc, from] = await Promise.all([startNgircd(t), server(t)]);
  await from.write(`${channels('#a', '#b')}bans: [ { by: nick, target: "spam*", kind: mute } ]\n`, null);
  const stage = await startStage(
    t,
    `networks:\n${network('one', irc)}rooms:\n  lobby: { channels: [ { one: "#own" } ] }\n${remote(from.url)}`,
  );
  await stage.connected();
  const [ann, spammer] = await Promise.all([
    visitor(t, irc, 'ann', '#own'),
    visitor(t, irc, 'spammer', '#a'),
  ]);
  await ann.join('#b');
  spammer.say('#a', 'buy gold');
  const bob = await visitor(t, irc, 'bob', '#a');
  bob.say('#a', 'hello');
  await ann.waitFor(({ text }) => seen(text).includes('hello'));
  t.false(
    ann.received.some(({ text }) => text.includes('gold')),
    'the ban of the document is in force',
  );

  await from.write(channels('#b'), 1);
  await until(() => stage.gateway.config.rooms.get('lobby')?.channels.length === 2, {
    what: 'the channel to go',
  });
  spammer.say('#a', 'gone');
  await spammer.join('#b');
  spammer.say('#b', 'sorry');
  await ann.waitFor(({ text, params }) => params[0] === '#own' && seen(text).includes('sorry'));
  t.false(ann.received.some(({ text }) => text.includes('gone')));
});

test('remote - the last good copy is used while the server is away, also after a restart', async (t) => {
  const [irc, from] = await Promise.all([startNgircd(t), server(t)]);
  await from.write(channels('#a'), null);
  const stage = await startStage(t, `networks:\n${network('one', irc)}rooms: {}\n${remote(from.url)}`);
  await stage.connected();
  t.is(stage.gateway.config.rooms.get('lobby')?.channels.length, 1);
  await from.stage.gateway.stop();
  const next = await stage.restart();
  t.is(next.config.rooms.get('lobby')?.channels[0]?.channel, '#a');
});

test('remote - what is not signed with the key, no document, or moved elsewhere is not taken', async (t) => {
  const [mine, other] = [makeKey(), makeKey()];
  const pem = JSON.stringify(mine.pem);
  const from = await server(t, `, signingKey: ${pem}`);
  await from.write(channels('#a'), null);
  const irc = await startNgircd(t);
  const rooms = async (more: string, url = from.url) => {
    const stage = await startStage(t, `networks:\n${network('one', irc)}rooms: {}\n${remote(url, more)}`);
    return stage.gateway.config.rooms.size;
  };
  t.is(await rooms(`, key: "${mine.publicKey}"`), 1);
  t.is(await rooms(`, key: "${other.publicKey}"`), 0);
  const elsewhere = createServer((request, response) => {
    if (request.url?.includes('moved'))
      response.writeHead(302, { location: `${from.url}/config/main.xml` }).end();
    else response.setHeader('content-type', 'application/yaml').end('channels: { not: a list }');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void elsewhere.close());
  const at = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  t.is(await rooms('', at), 0);
  t.is(await rooms('', `${at}/moved`), 0);
});

test('remote - a gateway takes a document of its own backbone at once', async (t) => {
  const irc = await startNgircd(t);
  const stage = await startStage(
    t,
    `networks:\n${network('one', irc)}rooms:\n  lobby: { channels: [ { one: "#own" } ] }\nremote: [ { name: ours, document: main } ]\n`,
    `tokens: [ { name: admin, hash: "${admin.record.hash}", scopes: [admin] } ]`,
  );
  await stage.connected();
  const command = async (line: string) => {
    const answer = await fetch(`${stage.gateway.http}/v1/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ line }),
    });
    return ((await answer.json()) as { lines: readonly string[] }).lines.join('\n');
  };
  const put = await fetch(`${stage.gateway.http}/v1/configs/main`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${admin.token}`,
      'content-type': 'application/json',
      'if-none-match': '*',
    },
    body: JSON.stringify({ text: '# ours\n' }),
  });
  t.is(put.status, 200);
  t.regex(await command('config add main one #new lobby'), /version 2/);
  await until(() => stage.gateway.config.rooms.get('lobby')?.channels.length === 2, { what: 'the channel' });
  const ann = await visitor(t, irc, 'ann', '#own');
  const bob = await visitor(t, irc, 'bob', '#new');
  await until(() => stage.gateway.networks().every(({ degraded }) => Object.keys(degraded).length === 0), {
    what: 'it to be joined',
  });
  bob.say('#new', 'from the document');
  await ann.waitFor(({ text }) => seen(text).includes('from the document'));
  t.regex(await command('config add main one "bad channel" lobby'), /version 3/);
  t.regex(await command('config history main'), /version 3.*\nversion 2.*by admin.*add one #new/s);
  t.regex(await command('config diff main 1 2'), /\+.*#new/);
  t.regex(await command('config rollback main 1'), /version 4/);
  await until(() => stage.gateway.config.rooms.get('lobby')?.channels.length === 1, { what: 'it to go' });
});

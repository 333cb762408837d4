import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import webhook from '../../docs/examples/webhook-bridge.js';
import { DeliveryError } from '../../src/errors.js';
import { conformance } from '../conformance.js';
import { openBridge, outbound, until } from '../peers/index.js';
import { startWebhookPeer } from './webhook-peer.js';

conformance(test, {
  name: 'webhook',
  bridge: webhook,
  peer: {
    start: startWebhookPeer,
    connected: false,
    wrong: {
      host: 'no host',
      port: [0, 65536, '80'],
      url: ['example.org', 'ftp://example.org/'],
      secret: ['too short', 5],
      timeout: '5 minutes',
    },
  },
});

async function opened(t: ExecutionContext) {
  const peer = await startWebhookPeer(t);
  return { peer, ...(await openBridge(t, webhook, peer.config(), [peer.channel])) };
}

const LINE = JSON.stringify({ channel: 'lobby', author: 'anna', text: 'hello' });

test('webhook - answers 202 only once the event is stored', async (t) => {
  const { peer, network } = await opened(t);
  let store = () => {};
  network.onReceive = () => new Promise((resolve) => (store = resolve));
  let status = 0;
  const answered = peer.post(LINE).then((answer) => (status = answer));
  await network.heard('hello');
  t.is(status, 0);
  store();
  t.is(await answered, 202);
});

test('webhook - answers 503 when the event was refused', async (t) => {
  const { peer, network } = await opened(t);
  network.onReceive = () => Promise.reject(new Error('full'));
  t.is(await peer.post(LINE), 503);
});

test('webhook - lets nobody in without the secret', async (t) => {
  const { peer, network } = await opened(t);
  for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic YTpi']) {
    t.is(await peer.post(LINE, { authorization }), 401);
  }
  t.deepEqual(network.events, []);
});

test('webhook - refuses what is too long, no JSON, no message or for no channel', async (t) => {
  const { peer, network } = await opened(t);
  t.is(await peer.post('x'.repeat(100_000)), 413);
  t.is(await peer.post('{'), 400);
  t.is(await peer.post('{"channel":"lobby"}'), 422);
  t.is(await peer.post(LINE.replace('lobby', 'cellar')), 404);
  t.deepEqual(network.events, []);
});

test('webhook - keeps the id of the sender', async (t) => {
  const { peer, network } = await opened(t);
  t.is(await peer.post(LINE.replace('{', '{"id":"m-1",')), 202);
  t.is((await network.heard('hello')).nativeId, 'm-1');
});

for (const [status, outcome] of [
  [400, 'rejected'],
  [301, 'rejected'],
  [429, 'unavailable'],
  [503, 'unavailable'],
  [500, 'unknown'],
] as const) {
  test(`webhook - takes ${status} for ${outcome}`, async (t) => {
    const { peer, connection } = await opened(t);
    peer.answer(status);
    const error = await t.throwsAsync(connection.deliver(outbound('lobby', 'hello')), {
      instanceOf: DeliveryError,
    });
    t.is(error?.outcome, outcome);
    await until(() => peer.heard().length === 1, { what: 'the message at the peer' });
  });
}

test('webhook - the example is one file of fewer than 150 lines that imports only the bridge page', (t) => {
  const file = resolve(import.meta.dirname, '../../../docs/examples/webhook-bridge.ts');
  const text = readFileSync(file, 'utf8');
  t.true(text.split('\n').length <= 150);
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from = '']) => from);
  t.deepEqual(
    imports.filter((from) => !from.startsWith('node:')),
    ['../../src/bridge.js'],
  );
});

test('webhook - every error that the guide names is one of the contract', (t) => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/bridge-author.md'), 'utf8');
  const contract = readFileSync(resolve(import.meta.dirname, '../../../src/bridge.ts'), 'utf8');
  const named = new Set([...guide.matchAll(/`(\w+(?:Error|Field))\b/g)].map(([, name = '']) => name));
  t.deepEqual(
    [...named].filter((name) => !contract.includes(name)),
    [],
  );
  t.true(named.size >= 11);
});

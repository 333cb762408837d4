import test from 'ava';
import { until } from '../bus/fixtures.js';
import { network, openStage, problemIn } from './fixtures.js';

interface Ready {
  readonly status: string;
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

test('health - healthz is open to everybody and tiny', async (t) => {
  const stage = await openStage(t);
  const response = await fetch(`${stage.http.address}/healthz`);
  t.is(response.status, 200);
  t.is(await response.text(), '{"status":"ok"}');
});

test('health - readyz tells its checks to a token with the scope status only', async (t) => {
  const stage = await openStage(t);
  stage.networks.push(network({ degraded: { '#ops': 'banned' } }));
  const open = (await (await fetch(`${stage.http.address}/readyz`)).json()) as Ready;
  t.deepEqual(open, { status: 'ready' });
  const { checks = [] } = (await (await stage.request('/readyz')).json()) as Ready;
  t.deepEqual(
    checks.map(({ name, ok }) => [name, ok]),
    [
      ['backbone', true],
      ['outbox', true],
      ['network quakenet', true],
    ],
  );
  t.regex(checks[2]?.detail ?? '', /#ops: banned/);
});

test('health - a network that does not work makes it not ready', async (t) => {
  const stage = await openStage(t);
  stage.networks.push(network({ state: 'failed', reason: 'bad SASL password' }));
  const open = await problemIn(t, await fetch(`${stage.http.address}/readyz`), 503);
  t.is(open.checks, undefined);
  const problem = await problemIn(t, await stage.request('/readyz'), 503);
  const checks = problem.checks as Ready['checks'];
  t.like(checks?.at(-1), { name: 'network quakenet', ok: false });
  t.regex(checks?.at(-1)?.detail ?? '', /bad SASL password/);
});

test('health - a dead backbone makes it not ready until it is back', async (t) => {
  const stage = await openStage(t);
  await stage.nats.kill();
  await until('not ready', async () => (await stage.request('/readyz')).status === 503);
  t.is((await stage.request('/healthz')).status, 200);
  await stage.nats.start();
  await until('ready', async () => (await stage.request('/readyz')).status === 200);
});

test('health - a node whose cluster has no majority is not ready', async (t) => {
  const state = { kind: 'waiting', up: 1, members: 3 };
  const stage = await openStage(t, { gateway: { node: () => ({ gateway: 'test', node: { state } }) } });
  const problem = await problemIn(t, await stage.request('/readyz'), 503);
  t.deepEqual((problem.checks as Ready['checks'])?.[0], {
    name: 'node',
    ok: false,
    detail: 'waiting, 1 of 3 nodes are up',
  });
});

test('health - a gateway that hangs is not ready', async (t) => {
  const stage = await openStage(t, { gateway: { networks: () => new Promise(() => {}) } });
  await problemIn(t, await stage.request('/readyz'), 503);
});

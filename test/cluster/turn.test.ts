import test from 'ava';
import { untilTurn } from '../../src/cluster/turn.js';
import { silentLogger } from '../../src/log.js';
import type { BenchServer, BenchView, ClusterState } from '../../src/node/index.js';

function view(name: string, onBench: boolean, lastSequence = 7, isSettled = true): BenchView {
  const copy = { messages: lastSequence, firstSequence: 1, lastSequence };
  return {
    name,
    onBench,
    isSettled,
    hasLeader: true,
    tags: onBench ? ['bench'] : [],
    streams: new Map([['ROOMS', copy]]),
  };
}

function stateOf(self: string): ClusterState {
  const members = ['alpha', 'beta', 'gamma'].map((name, index) => ({
    name,
    route: `127.0.0.1:${7000 + index}`,
    client: `127.0.0.1:${8000 + index}`,
  }));
  return { version: 1, mode: 'cluster', cluster: 'test', self, members };
}

/** Shows these one after the other; resolves with how many were looked at before the node left. */
async function looks(self: string, ...shown: readonly (readonly BenchView[])[]): Promise<number> {
  let looked = 0;
  const server: BenchServer = {
    address: { servers: [] },
    signal: AbortSignal.timeout(20_000),
    ready: async () => {},
    views: async () => shown[Math.min(looked++, shown.length - 1)] ?? [],
  };
  await untilTurn(server, stateOf(self), silentLogger);
  return looked;
}

const [alpha, beta, gamma] = [view('alpha', false), view('beta', true), view('gamma', true)];

test('turn - a node stays on the bench while one before it is there, or starts again', async (t) => {
  const all = [view('alpha', true), beta, gamma];
  t.is(await looks('beta', all, all, [beta, gamma], [beta, gamma], [alpha, beta, gamma]), 5);
  const open = [alpha, view('beta', false), gamma];
  t.is(await looks('gamma', [alpha, beta, gamma], [alpha, gamma], [alpha, gamma], open), 4);
});

test('turn - a node stays on the bench until all copies are level and follow their leaders', async (t) => {
  const late = [alpha, view('beta', true, 3), gamma];
  const unsettled = [view('alpha', false, 7, false), beta, gamma];
  const level = [alpha, beta, gamma];
  t.is(await looks('beta', late, late, unsettled, unsettled, level), 5);
  t.is(await looks('beta', [], [], level, level), 4, 'nobody answers');
});

test('turn - a node that is not seen at all is waited for only a moment', async (t) => {
  const began = performance.now();
  await looks('gamma', [alpha, gamma]);
  t.true(performance.now() - began >= 4000);
});

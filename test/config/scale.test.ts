import test from 'ava';
import { diffConfig } from '../../src/config/index.js';
import { files, load } from './loading.js';

function network(index: number): string {
  return `  net${index}:
    bridge: irc
    host: irc${index}.example.org
    port: 6697
    nick: parley
    sasl: { account: parley, password: "\${PW}" }
`;
}

function room(index: number): string {
  return `  room${index}:
    channels:
      - net${index % 50}: "#room${index}"
      - net${(index + 1) % 50}: "#room${index}"
        direction: in
        filter: { ignoreNicks: ["bot${index}"], ignoreText: [], replace: [] }
      - net${(index + 2) % 50}: "#room${index}"
        key: "\${PW}"
`;
}

function large(rooms: number): string {
  const networks = Array.from({ length: 50 }, (_, index) => network(index));
  return `networks:\n${networks.join('')}rooms:\n${Array.from({ length: rooms }, (_, index) => room(index)).join('')}`;
}

/** Processor time, which other tests on the same cores lengthen less than the time on the wall. */
async function timed<Value>(
  work: () => Value | Promise<Value>,
): Promise<readonly [ms: number, value: Value]> {
  const started = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(started);
  return [(user + system) / 1000, value];
}

test('config scale - 1,000 rooms on 50 networks are checked within 1 s, one more reloaded within 100 ms', async (t) => {
  const { directory, write } = await files(t);
  await write('before.yaml', large(1000));
  await write('after.yaml', large(1001));
  const env = { PW: 'secret' };
  const checks: number[] = [];
  const reloads: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const [checkMs, before] = await timed(() => load('before.yaml', directory, env));
    const [reloadMs, diff] = await timed(async () => {
      const after = await load('after.yaml', directory, env, before);
      return diffConfig(before.config, after.config);
    });
    t.deepEqual(diff.rooms.added, ['room1000']);
    checks.push(checkMs);
    reloads.push(reloadMs);
  }
  t.log(`check ${checks.map(Math.round).join(', ')} ms; reload ${reloads.map(Math.round).join(', ')} ms`);
  t.true(Math.min(...checks) < 1_000);
  t.true(Math.min(...reloads) < 100);
});

/** Three machines of a community, upgraded one after the other while people talk; a backup of one of them is one of all. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Bus, connectBus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { readNodeAddress } from '../../src/node/index.js';
import { spoken } from '../cli/backbone.js';
import { until, within } from '../peers/index.js';
import { type Box, die, listed, type Member, makeBox, makeFleet } from './fleet.js';

const LONG_MS = 120_000;
/** Between two lines: as in a busy room, and no more work than the machine can bear. */
const PACE_MS = 20;
const NAMES = ['alpha', 'beta', 'gamma'];
const HISTORY = { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes: 1e9, replicas: null };

async function openBus(t: ExecutionContext, { directory }: Box): Promise<Bus> {
  const address = readNodeAddress(join(directory, 'data'));
  if (address === null) throw new Error('the node runs');
  const bus = await connectBus({ address, prefix: 'parley', history: HISTORY, name: 'test' }, silentLogger);
  t.teardown(() => bus.close(0));
  return bus;
}

/** What docs/operate.md waits for before the next machine: all are up, and no copy is behind. */
async function level(box: Box): Promise<void> {
  const isLevel = async (): Promise<boolean> => {
    const { members = [] } = (await listed(box)) ?? {};
    return (
      members.length === NAMES.length &&
      members.every(({ state, copies }) => state === 'up' && copies.current > 0 && copies.behind === 0)
    );
  };
  await until(() => isLevel().catch(() => false), { what: `all level at ${box.name}`, deadlineMs: LONG_MS });
}

async function restarted({ box, process }: Member): Promise<Member> {
  const { code, stderr } = await box.run('node', 'drain');
  if (code !== 0) throw new Error(stderr);
  await within(process.exited, LONG_MS, 'the drained node');
  return { box, process: await box.start() };
}

async function textsOf(t: ExecutionContext, box: Box): Promise<readonly string[]> {
  const { stdout, code, stderr } = await box.run('tail', 'lobby', '--no-follow', '-n', '10000', '--json');
  t.is(code, 0, stderr);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { event: { data: { text: string } } }).event.data.text);
}

test('upgrade - three machines are restarted one after the other under load, and nothing is lost; a backup of one is one of all', async (t) => {
  t.timeout(300_000);
  const members = [...(await makeFleet(t, NAMES.slice(1)))];
  const [alpha] = members;
  if (alpha === undefined) return t.fail();
  await level(alpha.box);
  const bus = await openBus(t, alpha.box);
  const accepted: string[] = [];
  let on = true;
  const talking = (async () => {
    for (let i = 0; on; i += 1) {
      await bus.store(spoken(`line ${i}`));
      accepted.push(`line ${i}`);
      await pause(PACE_MS);
    }
  })();
  for (const [index, member] of members.entries()) {
    members[index] = await restarted(member);
    await level(member.box);
  }
  on = false;
  await talking;
  await bus.close(5000);
  t.deepEqual((await textsOf(t, alpha.box)).toSorted(), accepted.slice(-10_000).toSorted());

  const beta = members.find(({ box }) => box.name === 'beta');
  const file = join(alpha.box.directory, 'all.tar');
  const backup = await beta?.box.run('backup', file);
  t.is(backup?.code, 0, backup?.stderr);
  await Promise.all(members.map(die));
  const next = await makeBox(t, 'beta');
  const restore = await next.run('restore', file);
  t.is(restore.code, 0, restore.stderr);
  t.regex(restore.stderr, /one of a cluster with alpha, gamma and is alone now/);
  await next.start();
  const asked = async () => [0, 1].includes((await next.run('status')).code ?? -1);
  await until(asked, { what: 'the restored gateway', deadlineMs: LONG_MS });
  t.is((await textsOf(t, next)).length, Math.min(accepted.length, 10_000));
  t.log(`${accepted.length} accepted`);
});

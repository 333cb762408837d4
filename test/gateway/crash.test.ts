import test, { type ExecutionContext } from 'ava';
import { type IrcClient, startNgircd, until } from '../peers/index.js';
import { ParleyProcess } from './parley-process.js';
import { said, visitor } from './stage.js';

const SENDERS = ['ann', 'ben'];
const LINES_EACH = 100;

interface Scene {
  readonly parley: ParleyProcess;
  readonly listeners: readonly IrcClient[];
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const parley = await ParleyProcess.between(t, one, two);
  const alice = await visitor(t, one, 'alice', '#a');
  const bob = await visitor(t, two, 'bob', '#b');
  return { parley, listeners: [alice, bob] };
}

/** Every sender says line after line; `disturb` runs when half of all lines are accepted. */
async function underLoad({ parley, listeners }: Scene, disturb: () => Promise<void>): Promise<void> {
  let accepted = 0;
  const talks = SENDERS.map(async (sender) => {
    for (let i = 0; i < LINES_EACH; i++) {
      await parley.say(`${sender} ${i}`);
      accepted += 1;
    }
  });
  const disturbed = until(() => accepted >= (SENDERS.length * LINES_EACH) / 2, {
    what: 'half of the lines to be accepted',
    deadlineMs: 20_000,
    everyMs: 1,
  }).then(disturb);
  await Promise.all([...talks, disturbed]);
  await parley.say('end');
  for (const listener of listeners) {
    await listener.waitFor(/end$/, 20_000);
    await listener.roundtrip();
  }
}

/** The lines of one sender in the order in which each was first heard, and how many were heard again. */
function heardOf(
  listener: IrcClient,
  sender: string,
): { readonly lines: string[]; readonly doubles: number } {
  const all = listener
    .heard()
    .map(said)
    .filter((line) => line.startsWith(`${sender} `));
  const lines = [...new Set(all)];
  return { lines, doubles: all.length - lines.length };
}

/** How often the line was heard that was heard most often. */
function mostHeard(listener: IrcClient): number {
  const counts = new Map<string, number>();
  for (const line of listener.heard().map(said)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** Nothing lost and all in order; returns the doubled lines of each listener. */
function assertComplete(t: ExecutionContext, listeners: readonly IrcClient[]): readonly number[] {
  return listeners.map((listener) => {
    const heard = SENDERS.map((sender) => ({ sender, ...heardOf(listener, sender) }));
    for (const { sender, lines } of heard) {
      t.deepEqual(
        lines,
        Array.from({ length: LINES_EACH }, (_, i) => `${sender} ${i}`),
      );
    }
    return heard.reduce((sum, { doubles }) => sum + doubles, 0);
  });
}

test('crash - after kill -9 under load nothing accepted is lost, and nothing said more than twice', async (t) => {
  const stage = await scene(t);
  await underLoad(stage, async () => {
    await stage.parley.kill();
    await stage.parley.start();
  });
  const doubles = assertComplete(t, stage.listeners);
  // Those of the last milliseconds before the kill; nats-server 2.9.10 was once seen to forget a consumer's whole state.
  t.log(`doubled lines: ${doubles.join(' and ')}`);
  for (const listener of stage.listeners) t.true(mostHeard(listener) <= 2);
});

test('crash - a stop and start under load loses nothing and says nothing twice', async (t) => {
  const stage = await scene(t);
  await underLoad(stage, async () => {
    t.is(await stage.parley.stop(), 0);
    await stage.parley.start();
  });
  t.deepEqual(assertComplete(t, stage.listeners), [0, 0]);
});

test('crash - kill -9 of the nats-server under load loses nothing and says nothing twice', async (t) => {
  const stage = await scene(t);
  const pid = await stage.parley.nodePid();
  await underLoad(stage, async () => {
    process.kill(pid, 'SIGKILL');
    await until(async () => (await stage.parley.nodePid()) !== pid, {
      what: 'the next nats-server',
      deadlineMs: 20_000,
    });
    await stage.parley.ready();
  });
  t.deepEqual(assertComplete(t, stage.listeners), [0, 0]);
});

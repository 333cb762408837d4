import test, { type ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import { type Checker, type Ensemble, type Member, startEnsemble } from './stage.js';

const LONG_MS = 30_000;

/** Says a numbered line every 50 ms through the given gateway until stopped; answers with what was accepted. */
function talker(t: ExecutionContext, member: Member, name: string): { stop(): Promise<readonly string[]> } {
  const accepted: string[] = [];
  let on = true;
  const talking = (async () => {
    for (let i = 0; on; i++) {
      const text = `${name} ${i}`;
      // Repeated under one key until it is accepted or the talker stops: nothing may be asked twice for two lines.
      while (!(await member.say(text))) {
        if (!on) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      accepted.push(text);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const stop = async () => {
    on = false;
    await talking;
    return accepted;
  };
  t.teardown(async () => void (await stop()));
  return { stop };
}

/** All that was accepted is heard, nothing more than twice; returns how many lines were doubled. */
async function assertWhole(
  t: ExecutionContext,
  checker: Checker,
  accepted: readonly string[],
): Promise<number> {
  const [last = ''] = accepted.slice(-1);
  await until(() => checker.has(last), { what: `"${last}" to be heard`, deadlineMs: LONG_MS });
  await checker.client.roundtrip();
  const counts = checker.counts();
  t.deepEqual(
    accepted.filter((text) => !counts.has(text)),
    [],
  );
  t.true(Math.max(...counts.values()) <= 2);
  return [...counts.values()].filter((count) => count > 1).length;
}

interface Roles {
  readonly owner: Member;
  /** Neither owns `one`. */
  readonly others: readonly [Member, Member];
}

function rolesOf(stage: Ensemble): Roles {
  const owner = stage.member(stage.owner('one') ?? '');
  const [first, second] = stage.members.filter((member) => member !== owner);
  if (first === undefined || second === undefined) throw new Error('expected three gateways');
  return { owner, others: [first, second] };
}

/** Runs the fault and waits for the next owner of `one` to speak; logs how long each step took. */
async function takeover(t: ExecutionContext, stage: Ensemble, fault: () => unknown): Promise<string> {
  const before = stage.owner('one') ?? '';
  const startMs = performance.now();
  await fault();
  const next = await stage.nextOwner('one', before);
  const joinedMs = Math.round(performance.now() - startMs);
  const first = await until(
    () => stage.checkers.one.heard.find(({ by, atMs }) => by === next && atMs > startMs),
    { what: `${next} to speak`, deadlineMs: LONG_MS },
  );
  t.log(
    `${before} → ${next}: in the channel after ${joinedMs} ms, speaks after ${Math.round(first.atMs - startMs)} ms`,
  );
  return next;
}

/** Waits for so many more lines: life goes on. */
async function hearMore({ checkers }: Ensemble, lines: number): Promise<void> {
  const goal = checkers.one.heard.length + lines;
  await until(() => checkers.one.heard.length >= goal, { what: `${lines} more lines`, deadlineMs: LONG_MS });
}

async function isGone({ checkers }: Ensemble, { name }: Member): Promise<void> {
  await until(() => !checkers.one.bots.includes(name), { what: `${name} to leave`, deadlineMs: LONG_MS });
}

test.serial('owners - kill -9 of the owner: the next takes over, nothing accepted is lost', async (t) => {
  const stage = await startEnsemble(t);
  const { owner, others } = rolesOf(stage);
  const talk = talker(t, others[0], 'ann');
  await hearMore(stage, 20);
  const next = await takeover(t, stage, () => owner.kill());
  await hearMore(stage, 20);
  t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= 1);
  t.deepEqual(stage.checkers.one.turns, [owner.name, next]);
});

test.serial(
  'owners - kill -9 of the owner and its nats-server: the next takes over, nothing is lost',
  async (t) => {
    const stage = await startEnsemble(t);
    const { owner, others } = rolesOf(stage);
    const talk = talker(t, others[0], 'ann');
    await hearMore(stage, 20);
    const next = await takeover(t, stage, () => Promise.all([owner.kill(), stage.node(owner.name).kill()]));
    await hearMore(stage, 20);
    t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= 1);
    t.deepEqual(stage.checkers.one.turns, [owner.name, next]);
  },
);

test.serial(
  'owners - a frozen owner is replaced and says nothing when it thaws; so is one cut off',
  async (t) => {
    const stage = await startEnsemble(t);
    const { owner: frozen, others } = rolesOf(stage);
    const talk = talker(t, others[0], 'ann');
    await hearMore(stage, 20);
    const second = await takeover(t, stage, () => frozen.signal('SIGSTOP'));
    await hearMore(stage, 20);
    frozen.signal('SIGCONT');
    await isGone(stage, frozen);
    await hearMore(stage, 20);
    t.deepEqual(stage.checkers.one.turns, [frozen.name, second]);
    t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= 1);

    // The owner talks on through a gateway that the wire of the owner does not concern.
    const cut = stage.member(second);
    const speaker = stage.members.find((member) => member !== cut) ?? cut;
    const again = talker(t, speaker, 'ben');
    await hearMore(stage, 20);
    const third = await takeover(t, stage, () => cut.wire.stall());
    await hearMore(stage, 20);
    await isGone(stage, cut);
    cut.wire.resume();
    await hearMore(stage, 40);
    t.true((await assertWhole(t, stage.checkers.one, await again.stop())) <= 2);
    t.deepEqual(stage.checkers.one.turns, [frozen.name, second, third]);
  },
);

test.serial(
  'owners - the death of another gateway, or of its nats-server, moves nothing; a stop moves at once',
  async (t) => {
    const stage = await startEnsemble(t);
    const { owner, others } = rolesOf(stage);
    const [one, two] = others;
    const talk = talker(t, two, 'ann');
    await hearMore(stage, 20);
    await one.kill();
    await hearMore(stage, 100);
    await one.start();
    await until(() => stage.isVoting(one.name), { what: 'it to vote again', deadlineMs: LONG_MS });
    await stage.node(one.name).kill();
    await hearMore(stage, 100);
    t.deepEqual(stage.checkers.one.turns, [owner.name]);
    t.deepEqual(stage.checkers.one.left, []);
    await stage.node(one.name).start();
    await until(() => stage.isVoting(one.name), { what: 'it to vote again', deadlineMs: LONG_MS });
    const next = await takeover(t, stage, async () => t.is(await owner.stop(), 0));
    await hearMore(stage, 20);
    t.is(await assertWhole(t, stage.checkers.one, await talk.stop()), 0);
    t.deepEqual(stage.checkers.one.turns, [owner.name, next]);
  },
);

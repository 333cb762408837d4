import test, { type ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import { type Checker, type Ensemble, type Member, startEnsemble } from './stage.js';

const LONG_MS = 30_000;

/** Says a numbered line every 50 ms through the given gateway until stopped; answers with what was accepted. */
function talker(member: Member, name: string): { stop(): Promise<readonly string[]> } {
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
  return {
    stop: async () => {
      on = false;
      await talking;
      return accepted;
    },
  };
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

/** The owner of `one`, a gateway that does not own it, and the one that is to take part in neither. */
function rolesOf(stage: Ensemble): { readonly owner: string; readonly others: readonly Member[] } {
  const owner = stage.owner('one') ?? '';
  return { owner, others: stage.members.filter(({ name }) => name !== owner) };
}

/** From the fault on: how long until the next bot is in the channel. */
async function takeover(
  t: ExecutionContext,
  stage: Ensemble,
  owner: string,
  startMs: number,
): Promise<string> {
  const next = await stage.nextOwner('one', owner);
  t.log(`${next} in the channel ${Math.round(performance.now() - startMs)} ms after`);
  return next;
}

function speaksAfter(checker: Checker, startMs: number, by: string): number {
  const first = checker.heard.find((one) => one.by === by && one.atMs > startMs);
  return Math.round((first?.atMs ?? Number.NaN) - startMs);
}

test('owners - kill -9 of the owner: another takes over, nothing accepted is lost, and never two speak', async (t) => {
  const stage = await startEnsemble(t);
  const { owner, others } = rolesOf(stage);
  const [witness] = others;
  if (witness === undefined) return t.fail();
  const talk = talker(witness, 'ann');
  await until(() => stage.checkers.one.heard.length >= 20, { what: 'talk', deadlineMs: LONG_MS });
  const startMs = performance.now();
  await stage.member(owner).kill();
  const next = await takeover(t, stage, owner, startMs);
  await until(() => stage.checkers.one.heard.some(({ by }) => by === next), {
    what: 'the next to speak',
    deadlineMs: LONG_MS,
  });
  const accepted = await talk.stop();
  const doubled = await assertWhole(t, stage.checkers.one, accepted);
  t.log(`speaks after ${speaksAfter(stage.checkers.one, startMs, next)} ms, ${doubled} doubled`);
  t.true(doubled <= 1);
  t.deepEqual(stage.checkers.one.turns, [owner, next]);
});

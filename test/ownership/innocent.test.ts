/** An owner keeps its networks while others die. A machine that stands still for a lease of 3 s moves them rightly. */
import test, { type ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import { assertWhole, hearMore, LONG_MS, rolesOf, takeover, talker } from './acts.js';
import { type Ensemble, startEnsemble } from './stage.js';
import { Stillness } from './stillness.js';

const TRIALS = 5;
/** A third of a lease: two of these in a row, of two that take part, can end it. */
const STILL_MS = 1000;

test.serial(
  'owners - the death of another gateway, or of its nats-server, moves nothing; a stop moves at once',
  async (t) => {
    t.timeout(900_000);
    for (let trial = 1; ; trial++) {
      const stillness = new Stillness();
      const attempt = await t.try((one) => act(one, stillness));
      stillness.end();
      const { who, ms } = stillness.longest;
      const says = `trial ${trial}: longest standstill ${ms} ms, of ${who}`;
      t.log(says);
      // What fails in every trial fails the test, however still the machine stands.
      if (attempt.passed || ms < STILL_MS || trial === TRIALS) return attempt.commit();
      attempt.discard();
    }
  },
);

async function act(t: ExecutionContext, stillness: Stillness): Promise<void> {
  const stage = await startEnsemble(t);
  watchAll(stage, stillness);
  const { owner, others } = rolesOf(stage);
  const [one, two] = others;
  const leftBefore = stage.checkers.one.left.length;
  const talk = talker(t, two, 'ann');
  await hearMore(stage, 20);
  await one.kill();
  await hearMore(stage, 100);
  await one.start();
  await until(() => stage.isVoting(one.name), { what: 'it to vote again', deadlineMs: LONG_MS });
  await stage.node(one.name).kill();
  await hearMore(stage, 100);
  t.deepEqual(stage.checkers.one.turns, [owner.name]);
  t.deepEqual(stage.checkers.one.left.slice(leftBefore), []);
  await stage.node(one.name).start();
  await until(() => stage.isVoting(one.name), { what: 'it to vote again', deadlineMs: LONG_MS });
  const next = await takeover(t, stage, async () => t.is(await owner.stop(), 0));
  await hearMore(stage, 20);
  t.is(await assertWhole(t, stage.checkers.one, await talk.stop()), 0);
  t.deepEqual(stage.checkers.one.turns, [owner.name, next]);
}

function watchAll({ members, nodes }: Ensemble, stillness: Stillness): void {
  for (const { name, port } of nodes) stillness.watch({ name, port, question: null });
  for (const { name, url } of members) {
    const question = `GET /healthz HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
    stillness.watch({ name, port: Number(new URL(url).port), question });
  }
}

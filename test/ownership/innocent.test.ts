/** An owner keeps its networks while others die. A machine that stands still for a lease of 3 s moves them rightly. */
import test from 'ava';
import { until } from '../peers/index.js';
import { assertWhole, hearMore, LONG_MS, rolesOf, takeover, talker } from './acts.js';
import { startEnsemble } from './stage.js';

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

import test from 'ava';
import { assertWhole, hearMore, isGone, rolesOf, takeover, talker } from './acts.js';
import { startEnsemble } from './stage.js';

/** Lines that an owner has said and cannot tell of when it stops: half a second of them, on a busy machine. */
const UNDER_WAY = 10;

test.serial('owners - kill -9 of the owner: the next takes over, nothing accepted is lost', async (t) => {
  const stage = await startEnsemble(t);
  const { owner, others } = rolesOf(stage);
  const talk = talker(t, others[0], 'ann');
  await hearMore(stage, 20);
  const next = await takeover(t, stage, () => owner.kill());
  await hearMore(stage, 20);
  t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= UNDER_WAY);
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
    t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= UNDER_WAY);
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
    t.true((await assertWhole(t, stage.checkers.one, await talk.stop())) <= UNDER_WAY);

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
    t.true((await assertWhole(t, stage.checkers.one, await again.stop())) <= UNDER_WAY);
    t.deepEqual(stage.checkers.one.turns, [frozen.name, second, third]);
  },
);

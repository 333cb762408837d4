import test, { type ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import { assertWhole, isGone, LONG_MS, rolesOf } from './acts.js';
import { type Ensemble, type Member, startEnsemble } from './stage.js';

const LINES = 40;

/** Says so many lines at once; resolves when the owner has them all, and has begun. */
async function burst(owner: Member, speaker: Member): Promise<readonly string[]> {
  const lines = Array.from({ length: LINES }, (_, i) => `burst ${i}`);
  const accepted = await Promise.all(lines.map((line) => speaker.say(line)));
  if (!accepted.every(Boolean)) throw new Error('a line was not accepted');
  const hasAll = async () => {
    const { queued, inFlight } = await owner.network('one');
    return inFlight > 0 && queued + inFlight >= LINES;
  };
  await until(hasAll, { what: 'the owner to have all lines', deadlineMs: LONG_MS });
  return lines;
}

/** One line said by the owner, so that it knows that others answer. */
async function warm(t: ExecutionContext): Promise<Ensemble> {
  const stage = await startEnsemble(t);
  const { others } = rolesOf(stage);
  await until(() => others[0].say('warm'), { what: 'a line to be accepted', deadlineMs: LONG_MS });
  await until(() => stage.checkers.one.has('warm'), { what: 'it to be heard', deadlineMs: LONG_MS });
  return stage;
}

/** How many of the lines were said twice, once the next owner has said all that it had to. */
async function doubles(
  t: ExecutionContext,
  stage: Ensemble,
  speaker: Member,
  lines: readonly string[],
): Promise<number> {
  await until(() => speaker.say('after'), { what: 'a line to be accepted', deadlineMs: LONG_MS });
  return assertWhole(t, stage.checkers.one, [...lines, 'after']);
}

test.serial(
  'owners - kill -9 of the owner and its nats-server in a burst doubles one line at most',
  async (t) => {
    const stage = await warm(t);
    const { owner, others } = rolesOf(stage);
    stage.servers.one.freeze();
    const lines = await burst(owner, others[0]);
    await Promise.all([owner.kill(), stage.node(owner.name).kill()]);
    stage.servers.one.thaw();
    await stage.nextOwner('one', owner.name);
    t.true((await doubles(t, stage, others[0], lines)) <= 1);
  },
);

test.serial('owners - an owner that is cut off in a burst doubles one line at most', async (t) => {
  const stage = await warm(t);
  const { owner, others } = rolesOf(stage);
  stage.servers.one.freeze();
  const lines = await burst(owner, others[0]);
  owner.wire.stall();
  stage.servers.one.thaw();
  await stage.nextOwner('one', owner.name);
  await isGone(stage, owner);
  t.true((await doubles(t, stage, others[0], lines)) <= 1);
  owner.wire.resume();
});

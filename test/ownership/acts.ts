/** What the tests of takeovers do on the stage. */
import type { ExecutionContext } from 'ava';
import { until } from '../peers/index.js';
import type { Checker, Ensemble, Member } from './stage.js';

export const LONG_MS = 90_000;

/** Says a numbered line every 50 ms through the given gateway until stopped; answers with what was accepted. */
export function talker(
  t: ExecutionContext,
  member: Member,
  name: string,
): { stop(): Promise<readonly string[]> } {
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
export async function assertWhole(
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
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  t.log(`${doubled} of ${accepted.length} lines doubled`);
  return doubled;
}

export interface Roles {
  readonly owner: Member;
  /** Neither owns `one`. */
  readonly others: readonly [Member, Member];
}

export function rolesOf(stage: Ensemble): Roles {
  const owner = stage.member(stage.owner('one') ?? '');
  const [first, second] = stage.members.filter((member) => member !== owner);
  if (first === undefined || second === undefined) throw new Error('expected three gateways');
  return { owner, others: [first, second] };
}

/** Runs the fault and waits for the next owner of `one` to speak; logs how long each step took. */
export async function takeover(t: ExecutionContext, stage: Ensemble, fault: () => unknown): Promise<string> {
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
export async function hearMore({ checkers }: Ensemble, lines: number): Promise<void> {
  const goal = checkers.one.heard.length + lines;
  await until(() => checkers.one.heard.length >= goal, { what: `${lines} more lines`, deadlineMs: LONG_MS });
}

export async function isGone({ checkers }: Ensemble, { name }: Member): Promise<void> {
  await until(() => !checkers.one.bots.includes(name), { what: `${name} to leave`, deadlineMs: LONG_MS });
}

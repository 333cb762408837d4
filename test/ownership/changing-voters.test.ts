/** The list of voters changes by one name at a time while everything goes wrong. */
import test from 'ava';
import fc from 'fast-check';
import { apply, type Fault, fault, watcher } from './faults.js';
import { type Member, membersOf } from './members.js';
import { Simulation } from './simulation.js';

const EVERYBODY = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
const NETWORKS = ['one', 'two'];
const CALM_MS = 30_000;

interface Toggle {
  readonly atMs: number;
  readonly by: number;
  readonly whom: number;
}

const toggle: fc.Arbitrary<Toggle> = fc.record({
  atMs: fc.nat({ max: 30_000 }),
  by: fc.nat({ max: 5 }),
  whom: fc.nat({ max: 5 }),
});

interface Act {
  readonly atMs: number;
  readonly act: () => void;
}

function actsOf(
  world: Simulation,
  members: readonly Member[],
  faults: readonly Fault[],
  toggles: readonly Toggle[],
) {
  const broken = faults.flatMap((one): readonly Act[] => {
    let undo = () => {};
    const begin = () => {
      if (one.kind === 'restart') members[one.who % members.length]?.restart();
      else undo = apply(world, one);
    };
    return [
      { atMs: one.atMs * 2, act: begin },
      { atMs: one.atMs * 2 + one.forMs * 3, act: () => undo() },
    ];
  });
  const changed = toggles.map(({ atMs, by, whom }): Act => {
    return { atMs, act: () => members[by]?.toggle(EVERYBODY[whom] ?? '') };
  });
  return [...broken, ...changed].sort((one, other) => one.atMs - other.atMs);
}

/** Alpha changes the list, and so many ms later nobody hears of it any more; beta makes another change meanwhile. */
function cutOffAfter(delayMs: number): readonly Member[] {
  const world = new Simulation(EVERYBODY.slice(0, 4));
  for (const name of EVERYBODY) world.add(name, []);
  const members = membersOf(world);
  world.run(1000);
  members[0]?.toggle('delta');
  world.run(delayMs);
  const mend = apply(world, { kind: 'mute', who: 0, atMs: 0, forMs: 0 });
  world.run(25_000);
  members[1]?.toggle('epsilon');
  world.run(CALM_MS);
  mend();
  world.run(CALM_MS);
  return members;
}

test('changing voters - who is cut off at any moment of a change has the same list as the others afterwards', (t) => {
  for (let delayMs = 0; delayMs <= 200; delayMs += 25) {
    const [first, ...others] = cutOffAfter(delayMs);
    for (const { list } of others) t.deepEqual(list, first?.list, `cut off after ${delayMs} ms`);
    t.true((first?.list.revision ?? 0) > 0);
  }
});

for (const size of [3, 4]) {
  test(`changing voters - never two owners from ${size} voters on, whatever breaks, and one when all is well`, (t) => {
    let changes = 0;
    fc.assert(
      fc.property(
        fc.array(fault, { maxLength: 24 }),
        fc.array(toggle, { minLength: 1, maxLength: 16 }),
        fc.integer(),
        (faults, toggles, seed) => {
          const world = new Simulation(EVERYBODY.slice(0, size), seed);
          for (const name of EVERYBODY) world.add(name, NETWORKS);
          const members = membersOf(world);
          const check = watcher(world, NETWORKS);
          world.run(4000, check);
          for (const { atMs, act } of actsOf(world, members, faults, toggles)) {
            world.run(4000 + atMs - world.nowMs, check);
            act();
            check();
          }
          world.weather = { loss: 0, delayMs: 1 };
          world.cut.clear();
          world.run(CALM_MS, check);
          changes += Math.max(...members.map(({ list }) => list.revision));
          const lists = new Set(members.map(({ list }) => JSON.stringify(list)));
          if (lists.size !== 1) throw new Error(`they do not agree who votes: ${[...lists].join(' ')}`);
          for (const network of NETWORKS)
            if (world.holders(network).length !== 1)
              throw new Error(`${network} has no owner after all is well`);
        },
      ),
      { numRuns: 60 },
    );
    t.true(changes > 50, `${changes} changes were made`);
  });
}

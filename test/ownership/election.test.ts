import test from 'ava';
import fc from 'fast-check';
import { apply, fault, watcher } from './faults.js';
import { Simulation } from './simulation.js';

const ALL = ['alpha', 'beta', 'gamma'];
const NETWORKS = ['one', 'two', 'three'];

function three(seed = 1): Simulation {
  const world = new Simulation(ALL, seed);
  for (const name of ALL) world.add(name, NETWORKS);
  return world;
}

/** Runs until each network has one owner; returns ms. */
function settle(world: Simulation, limitMs = 20_000, networks = NETWORKS): number {
  const startMs = world.nowMs;
  while (!networks.every((network) => world.holders(network).length === 1)) {
    if (world.nowMs - startMs > limitMs) throw new Error(`no owner within ${limitMs} ms`);
    world.run(20);
  }
  return world.nowMs - startMs;
}

for (const size of [3, 5]) {
  test(`election - never two owners of ${size}, whatever is lost, late, frozen, asleep, cut or restarted`, (t) => {
    const voters = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'].slice(0, size);
    const weather = fc.array(fault, { minLength: 4, maxLength: 24 });
    fc.assert(
      fc.property(weather, fc.integer(), (faults, seed) => {
        const world = new Simulation(voters, seed);
        for (const name of voters) world.add(name, ['one', 'two']);
        const check = watcher(world, ['one', 'two']);
        world.run(4000, check);
        const acts = faults.flatMap((one) => {
          let undo = () => {};
          const begin = () => {
            undo = apply(world, one);
          };
          return [
            { atMs: 4000 + one.atMs, act: begin },
            { atMs: 4000 + one.atMs + one.forMs, act: () => undo() },
          ];
        });
        for (const { atMs, act } of acts.sort((one, other) => one.atMs - other.atMs)) {
          world.run(atMs - world.nowMs, check);
          act();
          check();
        }
        world.weather = { loss: 0, delayMs: 1 };
        world.cut.clear();
        world.run(12_000, check);
        for (const network of ['one', 'two'])
          if (world.holders(network).length !== 1)
            throw new Error(`${network} has no owner after all is well`);
      }),
      { numRuns: size === 3 ? 300 : 100 },
    );
    t.pass();
  });
}

test('election - one voter alone holds at once and says nothing but hello', (t) => {
  const world = new Simulation(['alpha']);
  const alpha = world.add('alpha', ['one']);
  alpha.tick();
  t.deepEqual(world.holders('one'), ['alpha']);
  world.run(60_000);
  t.deepEqual(world.holders('one'), ['alpha']);
});

test('election - three that start together share the networks', (t) => {
  const world = new Simulation(ALL);
  const many = Array.from({ length: 30 }, (_, index) => `network-${index}`);
  for (const name of ALL) world.add(name, many);
  settle(world, 20_000, many);
  for (const name of ALL) {
    const owned = many.filter((network) => world.holders(network)[0] === name).length;
    t.true(owned >= 4, `${name} owns ${owned}`);
  }
});

test('election - a dead owner is replaced within one ttl and a little, and the others keep theirs', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = three(seed);
    settle(world);
    world.run(2000);
    const [dead = ''] = world.holders('one');
    const kept = NETWORKS.filter((network) => world.holders(network)[0] !== dead);
    const owners = kept.map((network) => world.holders(network)[0]);
    world.machine(dead).frozen = true;
    const startMs = world.nowMs;
    while (world.holders('one')[0] === dead || world.holders('one').length === 0) {
      world.run(20, () =>
        t.deepEqual(
          kept.map((network) => world.holders(network)[0]),
          owners,
        ),
      );
      t.true(world.nowMs - startMs < 3700, `${world.nowMs - startMs} ms`);
    }
  }
});

test('election - a release is followed by the next owner at once', (t) => {
  const world = three();
  settle(world);
  world.run(5000);
  const [owner = ''] = world.holders('one');
  const [, next = ''] = world.machine(owner).election.lineFor('one');
  world.machine(owner).election.setAway(true);
  world.machine(owner).release('one', null);
  t.true(settle(world) <= 100);
  t.deepEqual(world.holders('one'), [next]);
});

test('election - a network handed over goes to that gateway', (t) => {
  const world = three();
  settle(world);
  world.run(5000);
  const [owner = ''] = world.holders('one');
  const [last = ''] = world.machine(owner).election.lineFor('one').slice(-1);
  world.machine(owner).release('one', last);
  t.true(settle(world) <= 100);
  t.deepEqual(world.holders('one'), [last]);
});

test('election - a gateway that comes back gets its networks back, but not soon', (t) => {
  const world = three();
  settle(world);
  world.run(5000);
  const before = NETWORKS.map((network) => world.holders(network)[0]);
  const [owner = ''] = world.holders('one');
  world.machine(owner).frozen = true;
  world.run(10_000);
  world.machine(owner).frozen = false;
  world.run(40_000, () => t.not(world.holders('one')[0], owner));
  world.run(90_000);
  t.deepEqual(
    NETWORKS.map((network) => world.holders(network)[0]),
    before,
  );
});

test('election - two of three without the third own everything, one alone owns nothing', (t) => {
  const world = three();
  settle(world);
  for (const name of ALL.slice(0, 2)) {
    world.machine(name).frozen = true;
    world.run(8000);
    if (name === 'alpha')
      t.deepEqual(
        NETWORKS.map((network) => world.holders(network).length),
        [1, 1, 1],
      );
  }
  t.deepEqual(
    NETWORKS.flatMap((network) => world.holders(network)),
    [],
  );
});

test('election - who is not among the voters owns nothing and says so', (t) => {
  const world = three();
  const delta = world.add('delta', NETWORKS);
  world.run(20_000, () => t.false(NETWORKS.some((network) => delta.election.holds(network))));
  t.regex(delta.election.excluded ?? '', /"delta" is not in owners.voters \(alpha, beta, gamma\): add it/);
  t.regex(world.machine('alpha').election.warnings.join(), /"delta" is not in owners.voters/);
  t.is(world.machine('alpha').election.excluded, null);
});

test('election - one who knows of no others lets go when it hears of more', (t) => {
  const world = three();
  settle(world);
  const owners = NETWORKS.map((network) => world.holders(network)[0]);
  const delta = world.add('delta', NETWORKS, { voters: ['delta'] });
  world.run(1000);
  t.false(NETWORKS.some((network) => delta.election.holds(network)));
  t.regex(delta.election.excluded ?? '', /write the same list everywhere/);
  world.run(10_000);
  t.deepEqual(
    NETWORKS.map((network) => world.holders(network)[0]),
    owners,
  );
});

test('election - two of one name: the younger owns nothing', (t) => {
  const world = new Simulation(['alpha']);
  const elder = world.add('alpha', ['one']);
  world.run(1000);
  // The simulation sends by machine name; the gateway name is what collides.
  const younger = world.add('twin', ['one'], { gateway: 'alpha' });
  elder.election.hello();
  world.run(100);
  world.run(20_000, () => {
    t.true(elder.election.holds('one'));
    t.false(younger.election.holds('one'));
  });
  t.regex(younger.election.excluded ?? '', /another gateway named "alpha" runs already/);
});

test('election - a preferred gateway takes a network over once it has been there steadily, and keeps it', (t) => {
  const world = new Simulation(ALL);
  const prefer = ['eu'];
  world.add('alpha', ['one'], { prefer });
  world.add('beta', ['one'], { prefer });
  settle(world, 20_000, ['one']);
  const [first = ''] = world.holders('one');
  const gamma = world.add('gamma', ['one'], { prefer, labels: ['eu'] });
  // It comes and goes: nothing moves.
  for (let times = 0; times < 3; times++) {
    world.run(12_000, () => t.deepEqual(world.holders('one'), [first]));
    gamma.frozen = true;
    world.run(4000, () => t.deepEqual(world.holders('one'), [first]));
    gamma.frozen = false;
  }
  world.run(22_000);
  t.deepEqual(world.holders('one'), ['gamma']);
  world.run(120_000, () => t.deepEqual(world.holders('one'), ['gamma']));
});

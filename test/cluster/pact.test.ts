/** How members come to one list, with nothing between them but a bad wire and their disks. No time passes here: nothing may need it. */
import test from 'ava';
import fc from 'fast-check';
import { Pact, Proposal } from '../../src/cluster/pact.js';
import { PactWorld, type Peer } from './pact-world.js';

const EVERYBODY = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
const MANY = { size: 'max' } as const;

const who = fc.nat({ max: EVERYBODY.length - 1 });
/** Most messages come soon. */
const at = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat() });
const again = fc.nat({ max: 5 }).map((one) => one === 0);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), who, whom: who }) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant('deliver' as const), at, again }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lose' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('act' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tell' as const), who, whom: who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), who }) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

const nameAt = (index: number): string => EVERYBODY[index] ?? '';

function take(world: PactWorld, one: Step): void {
  if (one.kind === 'deliver') world.deliver(one.at, one.again);
  else if (one.kind === 'lose') world.lose(one.at);
  else if (one.kind === 'silence') world.silence([nameAt(one.who)]);
  else if (one.kind === 'change') world.peers[one.who]?.change(nameAt(one.whom));
  else if (one.kind === 'tell') world.peers[one.who]?.tell(nameAt(one.whom));
  else world.peers[one.who]?.[one.kind]();
}

/** Everything arrives, in order, but at the one who is down; those who are up know what any of them knows. */
function calm(world: PactWorld, down: string): readonly Peer[] {
  const up = world.peers.filter(({ name }) => name !== down);
  const settle = (): void => {
    for (world.silence([down]); world.waiting > 0; world.silence([down])) {
      world.deliver(0);
      world.check();
    }
    for (const peer of up) peer.act();
  };
  settle();
  for (const one of up) for (const { name } of up) one.tell(name);
  settle();
  return up;
}

/** One change is made, whatever was begun before it, and all that are up know of it. */
function progress(world: PactWorld, down: string): void {
  const [proposer] = calm(world, down);
  if (proposer === undefined) throw new Error('nobody is up');
  const { revision } = proposer.list;
  // The first ballot learns how high it must be, the second one goes on with what was begun.
  for (let attempt = 1; proposer.list.revision === revision; attempt += 1) {
    if (attempt > 3) throw new Error(`no change without ${down} after ${attempt} attempts`);
    EVERYBODY.find((name) => proposer.change(name));
    calm(world, down);
  }
  const lists = new Set(calm(world, down).map(({ list }) => JSON.stringify(list)));
  if (lists.size > 1) throw new Error(`they do not agree: ${[...lists].join(' ')}`);
}

for (const size of [3, 4, 5]) {
  test(`pact - of ${size} voters nobody ever sees two lists of one revision, and a majority can always go on`, (t) => {
    let changes = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, ...MANY }), who, (steps, down) => {
        const world = new PactWorld(EVERYBODY, EVERYBODY.slice(0, size));
        for (const one of steps) {
          take(world, one);
          world.check();
        }
        changes += world.chosen.size - 1;
        progress(world, nameAt(down));
      }),
      { numRuns: 600 },
    );
    t.log(`${changes} changes were made`);
    t.true(changes > 200);
  });
}

const LOW = { count: 1, by: 'alpha' };
const HIGH = { count: 1, by: 'beta' };

test('pact - who promised a ballot refuses a lower one, and says which one is in the way', (t) => {
  const pact = new Pact<string>(4, null);
  t.true(pact.promise(5, HIGH).ok);
  t.deepEqual(pact.accept(5, LOW, 'mine'), {
    ok: false,
    why: 'is asked by another member, too',
    promised: HIGH,
  });
  t.true(pact.accept(5, HIGH, 'theirs').ok);
  t.deepEqual(pact.promise(5, { count: 2, by: 'alpha' }), {
    ok: true,
    accepted: { ballot: HIGH, list: 'theirs' },
  });
});

test('pact - a restart forgets nothing', (t) => {
  const pact = new Pact<string>(4, null);
  pact.accept(5, HIGH, 'theirs');
  const again = new Pact(4, pact.kept);
  t.false(again.promise(5, LOW).ok);
  t.deepEqual(again.promise(5, HIGH), { ok: true, accepted: { ballot: HIGH, list: 'theirs' } });
});

test('pact - only who acts by the revision before takes part', (t) => {
  const pact = new Pact<string>(4, null);
  t.false(pact.promise(4, LOW).ok);
  t.false(pact.promise(6, LOW).ok);
  pact.actsBy(6);
  t.false(pact.promise(5, LOW).ok);
  t.true(pact.promise(7, LOW).ok);
});

test('pact - a list that is older than what was agreed to is not decided again', (t) => {
  const kept = { revision: 7, promised: LOW, accepted: null };
  t.false(new Pact<string>(4, kept).promise(5, HIGH).ok);
  t.true(new Pact<string>(6, kept).promise(7, HIGH).ok);
});

test('pact - a proposal goes on with the accepted list of the highest ballot, or else with its own', (t) => {
  const voters = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
  const next = { count: 2, by: 'gamma' };
  const free = new Proposal(next, 'own', voters);
  for (const name of ['alpha', 'alpha', 'beta']) free.promised(name, null);
  t.is(free.list, null, 'two of five');
  free.promised('gamma', null);
  free.promised('delta', { ballot: HIGH, list: 'too late' });
  t.is(free.list, 'own');

  const bound = new Proposal(next, 'own', voters);
  bound.promised('alpha', { ballot: LOW, list: 'low' });
  bound.promised('beta', { ballot: HIGH, list: 'high' });
  bound.promised('gamma', null);
  t.is(bound.list, 'high');
  for (const name of ['alpha', 'alpha', 'beta']) bound.accepted(name);
  t.false(bound.isChosen);
  bound.accepted('gamma');
  t.true(bound.isChosen);
});

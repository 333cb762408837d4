/** What can go wrong in a simulation of elections, and what must hold all the same. */
import fc from 'fast-check';
import type { Simulation } from './simulation.js';

export type Fault = { readonly atMs: number; readonly forMs: number; readonly who: number } & (
  | { readonly kind: 'freeze' | 'sleep' | 'restart' | 'release' | 'isolate' | 'mute' }
  | { readonly kind: 'cut'; readonly other: number }
  | { readonly kind: 'weather'; readonly loss: number; readonly delayMs: number }
);

const when = {
  atMs: fc.nat({ max: 15_000 }),
  forMs: fc.integer({ min: 0, max: 9000 }),
  who: fc.nat({ max: 4 }),
};
export const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('freeze', 'sleep', 'restart', 'restart', 'release', 'isolate', 'mute', 'mute'),
    ...when,
  }),
  fc.record({ kind: fc.constant('cut' as const), other: fc.nat({ max: 4 }), ...when }),
  fc.record({
    kind: fc.constant('weather' as const),
    loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
    delayMs: fc.integer({ min: 1, max: 3000 }),
    ...when,
  }),
);

/** Cuts the ways from `from`, and with `both` to it too; returns what undoes it. */
function cut(world: Simulation, from: string, to: readonly string[], both: boolean): () => void {
  const ways = to.flatMap((other) => [`${from}>${other}`, ...(both ? [`${other}>${from}`] : [])]);
  for (const way of ways) world.cut.add(way);
  return () => {
    for (const way of ways) world.cut.delete(way);
  };
}

/** Does the fault; returns what undoes it. */
export function apply(world: Simulation, one: Fault): () => void {
  const machine = world.machines[one.who % world.machines.length];
  if (machine === undefined) return () => {};
  const { name } = machine;
  const names = world.machines.map((each) => each.name);
  switch (one.kind) {
    case 'weather':
      world.weather = one;
      return () => {
        world.weather = { loss: 0, delayMs: 1 };
      };
    case 'freeze':
      machine.frozen = true;
      return () => {
        machine.frozen = false;
      };
    case 'sleep':
      machine.asleep = true;
      return () => {
        machine.asleep = false;
      };
    case 'restart':
      machine.restart();
      return () => {};
    case 'release':
      if (!machine.frozen && !machine.asleep) machine.release('one', null);
      return () => {};
    case 'isolate':
    case 'mute':
      return cut(world, name, names, one.kind === 'isolate');
    case 'cut':
      return cut(world, name, [names[one.other % names.length] ?? ''], false);
  }
}

/** Throws when two hold one network, or an epoch does not grow with the lease. */
export function watcher(world: Simulation, networks: readonly string[]): () => void {
  const leases = new Map<string, { readonly epoch: number; readonly owner: string }>();
  return () => {
    for (const network of networks) {
      const [name, ...others] = world.holders(network);
      if (name === undefined) continue;
      if (others.length > 0) throw new Error(`${network} is held by ${[name, ...others].join(' and ')}`);
      const { election, runs } = world.machine(name);
      const lease = { epoch: election.epochOf(network), owner: `${name} ${runs}` };
      const before = leases.get(network) ?? { epoch: 0, owner: '' };
      if (lease.epoch < before.epoch || (lease.epoch === before.epoch && lease.owner !== before.owner))
        throw new Error(`${network}: ${JSON.stringify(lease)} after ${JSON.stringify(before)}`);
      leases.set(network, lease);
    }
  };
}

import test from 'ava';
import type { Holdings } from '../../src/bus/index.js';
import { Comparison } from '../../src/node/comparison.js';
import { Misled } from '../../src/node/misled.js';

const SERVERS = ['alpha', 'beta', 'gamma'];

type Ends = Readonly<Record<string, readonly [sequence: number, time: string]>>;

/** How the copies end, and what the consumer `irc` has acknowledged. */
function answered(copies: Ends, acknowledged: number): Holdings[] {
  return Object.entries(copies).map(([server, [sequence, time]]) => ({
    server,
    meta: { leader: null, followers: [], size: 3 },
    groups: [
      { stream: 'ROOMS', consumer: null, leader: null, followers: [], last: { sequence, time } },
      { stream: 'ROOMS', consumer: 'irc', leader: null, followers: [], last: null, acknowledged },
    ],
  }));
}

/** What alpha finds, look by look. */
function found(...looks: readonly Holdings[][]) {
  const comparison = new Comparison('ROOMS');
  const misled = new Misled('ROOMS', 'alpha');
  return looks.map((answers) => {
    comparison.add(answers);
    return misled.look(answers, SERVERS, comparison).map((stretches) => [...stretches]);
  });
}

const alike = (sequence: number, time: string): Ends => ({
  alpha: [sequence, time],
  beta: [sequence, time],
  gamma: [sequence, time],
});
const withoutGamma = (sequence: number, time: string): Ends => ({
  alpha: [sequence, time],
  beta: [sequence, time],
});
const odd: Ends = { alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'x'] };

test('misled - from where an odd copy was last like the others, once its server is away', (t) => {
  const looks = [
    answered(alike(5, 'e'), 2),
    answered(odd, 9),
    answered(withoutGamma(10, 'j'), 9),
    answered(withoutGamma(11, 'k'), 9),
  ];
  t.deepEqual(found(...looks), [[], [], [[['irc', 6]]], []]);
});

test('misled - what was acknowledged while the server was away is not in doubt', (t) => {
  const away = answered(withoutGamma(8, 'h'), 8);
  const looks = [answered(alike(5, 'e'), 5), away, away, answered(odd, 9), answered(withoutGamma(9, 'i'), 9)];
  t.deepEqual(found(...looks).at(-1), [[['irc', 9]]]);
});

test('misled - of an odd copy that was never like the others, what was acknowledged when it was first seen is not', (t) => {
  const looks = [answered(odd, 4), answered(withoutGamma(10, 'j'), 9)];
  t.deepEqual(found(...looks).at(-1), [[['irc', 5]]]);
});

test('misled - nothing, for whoever sees no majority', (t) => {
  t.deepEqual(found(answered(odd, 4), answered({ alpha: [9, 'i'] }, 9)).at(-1), []);
});

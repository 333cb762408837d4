import test from 'ava';
import type { Holdings } from '../../src/bus/index.js';
import { Comparison } from '../../src/node/comparison.js';

const SERVERS = ['alpha', 'beta', 'gamma'];

/** How each server's copy ends: its last sequence, and the time of the message there. */
function ends(
  copies: Readonly<Record<string, readonly [sequence: number, time: string] | null>>,
): Holdings[] {
  return Object.entries(copies).map(([server, end]) => ({
    server,
    meta: { leader: null, followers: [], size: 3 },
    groups: [
      {
        stream: 'ROOMS',
        consumer: null,
        leader: null,
        followers: [],
        last: end === null ? null : { sequence: end[0], time: end[1] },
      },
    ],
  }));
}

/** The same, as alpha leads it and calls the others current or not. */
function led(answers: Holdings[], current: Readonly<Record<string, boolean>>): Holdings[] {
  const followers = Object.entries(current).map(([server, is]) => ({ server, current: is }));
  return answers.map((answer) => ({
    ...answer,
    groups: answer.groups.map((group) => ({
      ...group,
      leader: 'alpha',
      followers: answer.server === 'alpha' ? followers : [],
    })),
  }));
}

function odd(...seen: readonly Holdings[][]): readonly string[] {
  const comparison = new Comparison('ROOMS');
  for (const answers of seen) comparison.add(answers);
  return SERVERS.filter((server) => comparison.isOdd(server, SERVERS));
}

test('comparison - copies that are alike are not odd, however far behind one is', (t) => {
  t.deepEqual(odd(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'i'] })), []);
  const behind = ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [5, 'e'] });
  t.deepEqual(odd(ends({ alpha: [5, 'e'], beta: [5, 'e'], gamma: null }), behind), []);
});

test('comparison - the one that ends otherwise is odd, also when the others were there before', (t) => {
  t.deepEqual(odd(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'x'] })), ['gamma']);
  const shifted = [
    ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [8, 'i'] }),
    ends({ alpha: [10, 'j'], beta: [10, 'j'], gamma: [9, 'j'] }),
  ];
  t.deepEqual(odd(...shifted), ['gamma']);
});

test('comparison - nobody is odd where no majority agrees', (t) => {
  t.deepEqual(odd(ends({ alpha: [9, 'i'], beta: [9, 'x'], gamma: [9, 'y'] })), []);
  t.deepEqual(odd(ends({ alpha: [9, 'i'], beta: [9, 'x'], gamma: null })), []);
  // Whether alpha and beta are still alike where gamma differs was not seen.
  const early = ends({ alpha: [5, 'e'], beta: [5, 'e'], gamma: [4, 'd'] });
  t.deepEqual(odd(early, ends({ alpha: [9, 'i'], beta: [8, 'h'], gamma: [9, 'x'] })), []);
});

test('comparison - one that is called current, and rests elsewhere than most, is odd', (t) => {
  const oddAfter = (...rounds: readonly Holdings[][]) => {
    const comparison = new Comparison('ROOMS');
    for (const answers of rounds) comparison.round(answers, SERVERS);
    return SERVERS.filter((server) => comparison.isOdd(server, SERVERS));
  };
  const resting = led(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [8, 'x'] }), {
    beta: true,
    gamma: true,
  });
  t.deepEqual(oddAfter(resting), [], 'it may be on its way');
  t.deepEqual(oddAfter(resting, resting), ['gamma']);
  const behind = led(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [8, 'x'] }), {
    beta: true,
    gamma: false,
  });
  t.deepEqual(oddAfter(behind, behind), [], 'it catches up');
  const moving = led(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'i'] }), { beta: true, gamma: true });
  t.deepEqual(oddAfter(resting, moving), []);
});

test('comparison - a copy that was made anew is like the others again', (t) => {
  const before = ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'x'] });
  const after = ends({ alpha: [10, 'j'], beta: [10, 'j'], gamma: [10, 'j'] });
  t.deepEqual(odd(before, ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [3, 'c'] }), after), []);
});

test('comparison - numbers that meet again make no copy sound, and it is right up to where it was', (t) => {
  const comparison = new Comparison('ROOMS');
  const see = (answers: Holdings[]) => comparison.add(answers);
  see(ends({ alpha: [3, 'c'], beta: [3, 'c'], gamma: [3, 'c'] }));
  t.is(comparison.soundUpTo('gamma', SERVERS), 3);
  see(ends({ alpha: [6, 'f'], beta: [6, 'f'], gamma: [6, 'x'] }));
  see(ends({ alpha: [7, 'g'], beta: [7, 'g'], gamma: [7, 'g'] }));
  t.deepEqual(
    SERVERS.filter((server) => comparison.isOdd(server, SERVERS)),
    ['gamma'],
  );
  t.is(comparison.soundUpTo('gamma', SERVERS), 3);
  t.is(comparison.soundUpTo('alpha', SERVERS), 7);
});

test('comparison - a member that is without a copy for 20 s is odd; who comes back with one, or is no member, is not', (t) => {
  let now = 0;
  const comparison = new Comparison('ROOMS', () => now);
  const whole = led(ends({ alpha: [9, 'i'], beta: [9, 'i'], gamma: [9, 'i'] }), { beta: true, gamma: false });
  const without = (...servers: string[]) =>
    whole.map((answer) => (servers.includes(answer.server) ? { ...answer, groups: [] } : answer));
  const oddAt = (ms: number, answers: Holdings[]) => {
    now = ms;
    comparison.round(answers, SERVERS);
    return SERVERS.filter((server) => comparison.isOdd(server, SERVERS));
  };
  t.deepEqual(oddAt(0, without('gamma')), []);
  t.deepEqual(oddAt(19_000, without('gamma')), []);
  t.deepEqual(oddAt(20_000, without('gamma')), ['gamma']);
  t.deepEqual(oddAt(21_000, whole), []);
  t.deepEqual(oddAt(22_000, without('gamma')), []);
  comparison.forget('gamma');
  t.deepEqual(oddAt(50_000, without('gamma')), []);

  const others = new Comparison('ELSEWHERE', () => now);
  others.round(without('gamma'), SERVERS);
  now += 60_000;
  others.round(without('gamma'), SERVERS);
  t.false(others.isOdd('gamma', SERVERS));
});

import test from 'ava';
import fc from 'fast-check';
import { Window } from '../../src/network/window.js';

/** A window of at most eight, its clock, and what others do not know yet. */
function setup({ untold = 0 as number | null, countsUnconfirmed = true } = {}) {
  const state = { nowMs: 0, untold };
  const window = new Window({
    limit: 8,
    untold: () => state.untold,
    countsUnconfirmed: () => countsUnconfirmed,
    now: () => state.nowMs,
  });
  return { window, state };
}

test('window - one line is out until the network has confirmed it and another gateway knows', (t) => {
  const { window, state } = setup();
  t.true(window.admits(0));
  t.false(window.admits(1), 'sent');
  state.untold = 1;
  t.false(window.admits(0), 'confirmed');
  state.untold = 0;
  t.true(window.admits(0), 'known');
});

test('window - there is none while no gateway would say it again', (t) => {
  const { window } = setup({ untold: null });
  t.true(window.admits(1000));
});

test('window - what a slow network has not confirmed does not count', (t) => {
  const { window, state } = setup({ countsUnconfirmed: false });
  t.true(window.admits(100));
  state.untold = 1;
  t.false(window.admits(0));
});

test('window - doubles while lines are late, and is one again when none waits', (t) => {
  const { window, state } = setup();
  window.turned(0);
  t.is(window.size, 1, 'nothing is late yet');
  state.nowMs = 100;
  window.turned(0);
  window.turned(0);
  t.is(window.size, 2, 'one step at a time');
  state.nowMs = 200;
  window.turned(101);
  t.is(window.size, 2, 'that line is not late');
  for (let i = 0; i < 20; i++) {
    state.nowMs += 100;
    window.turned(0);
  }
  t.is(window.size, 8, 'up to the limit');
  window.emptied();
  t.is(window.size, 1);
});

test('window - while no answer comes, no more goes out than it had room for', (t) => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 400 }), empties: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.integer({ min: 0, max: 50 }),
      (steps, confirmations) => {
        const { window, state } = setup();
        for (const { waitMs, empties } of steps) {
          state.nowMs += waitMs;
          window.turned(state.nowMs - waitMs);
          if (empties) window.emptied();
        }
        const room = window.size;
        let unconfirmed = 0;
        let said = 0;
        // Cut off: the network confirms, nobody answers.
        for (let i = 0; i < 50; i++) {
          state.nowMs += 100;
          while (window.admits(unconfirmed)) {
            unconfirmed += 1;
            said += 1;
          }
          if (unconfirmed > 0 && i < confirmations) {
            unconfirmed -= 1;
            state.untold = (state.untold ?? 0) + 1;
          }
        }
        t.is(said, room);
      },
    ),
  );
});

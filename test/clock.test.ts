import test from 'ava';
import fc from 'fast-check';
import { DayClock } from '../src/clock.js';

const HOUR_MS = 3_600_000;

/** A clock over two others that the test sets; the steady one is `passed`. */
function clocks(startMs = 1_000_000) {
  const at = { steady: 0, wall: startMs };
  const clock = new DayClock(
    () => at.wall,
    () => at.steady,
  );
  const pass = (ms: number) => {
    at.steady += ms;
    at.wall += ms;
    return clock.now();
  };
  const set = (ms: number) => {
    at.wall += ms;
  };
  return { pass, set, clock };
}

test('clock - follows the wall clock, also in small steps', (t) => {
  const { pass, set } = clocks();
  t.is(pass(500), 1_000_500);
  set(-300);
  t.is(pass(500), 1_000_700);
});

test('clock - a jump and back leaves no trace', (t) => {
  const jumps = fc.integer({ min: 2_000, max: 24 * HOUR_MS });
  fc.assert(
    fc.property(jumps, fc.boolean(), fc.nat({ max: 59_000 }), (size, back, lastsMs) => {
      const { pass, set } = clocks();
      const jump = back ? -size : size;
      set(jump);
      t.is(pass(10), 1_000_010);
      t.is(pass(lastsMs), 1_000_010 + lastsMs);
      set(-jump);
      t.is(pass(10), 1_000_020 + lastsMs);
    }),
  );
});

test('clock - believes a jump that stays for a minute', (t) => {
  const { pass, set } = clocks();
  set(HOUR_MS);
  t.is(pass(1), 1_000_001);
  t.is(pass(59_000), 1_059_001);
  t.is(pass(1_001), 1_060_002 + HOUR_MS);
});

test('clock - a wall clock that does not come to rest is not believed', (t) => {
  const { pass, set } = clocks();
  for (let i = 1; i <= 100; i++) {
    set(5_000);
    t.is(pass(1_000), 1_000_000 + i * 1_000);
  }
});

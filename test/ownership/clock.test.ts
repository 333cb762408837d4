import test from 'ava';
import { SystemClock } from '../../src/ownership/clock.js';

function clockOf() {
  const now = { steady: 1000, wall: 1_700_000_000_000 };
  const clock = new SystemClock(
    () => now.steady,
    () => now.wall,
  );
  return { now, clock };
}

test('ownership clock - time that only the wall clock saw ends leases, not votes', (t) => {
  const { now, clock } = clockOf();
  now.wall += 60_000;
  t.is(clock.awake(), 61_000);
  t.is(clock.steady(), 1000);
  now.wall += 500;
  now.steady += 500;
  t.is(clock.awake(), 61_500);
});

test('ownership clock - a wall clock that is set back, or disciplined, changes nothing', (t) => {
  const { now, clock } = clockOf();
  now.wall -= 3_600_000;
  t.is(clock.awake(), 1000);
  now.wall += 100;
  t.is(clock.awake(), 1000);
});

import test from 'ava';
import type { Holdings, NamedGroup } from '../../src/bus/index.js';
import { whyNeeded } from '../../src/node/spare.js';

type Copies = Readonly<Record<string, boolean>>;

/** As the leader tells it: the copies beside its own, and whether they are current. */
function led(server: string, copies: Copies, ...groups: readonly NamedGroup[]): Holdings {
  return { server, meta: { leader: server, followers: followersOf(copies), size: 3 }, groups };
}

function following(server: string, leader: string | null, ...groups: readonly NamedGroup[]): Holdings {
  return { server, meta: { leader, followers: [], size: 3 }, groups };
}

function group(stream: string, leader: string | null, copies: Copies = {}, consumer: string | null = null) {
  return { stream, consumer, leader, followers: followersOf(copies), last: null };
}

function followersOf(copies: Copies): NamedGroup['followers'] {
  return Object.entries(copies).map(([server, current]) => ({ server, current }));
}

const LEVEL = { beta: true, gamma: false };
const rooms = group('ROOMS', 'alpha', LEVEL);

test('spare - a member whose others have everything is not needed', (t) => {
  const consumer = group('ROOMS', 'beta', { alpha: true, gamma: false }, 'libera');
  const alpha = led('alpha', LEVEL, rooms, group('ROOMS', 'beta', {}, 'libera'));
  const beta = following('beta', 'alpha', group('ROOMS', 'alpha'), consumer);
  t.is(whyNeeded([alpha, beta], 'gamma', ['ROOMS']), null);
});

test('spare - a member is needed while the others have no leader, or are too few', (t) => {
  t.regex(whyNeeded([], 'gamma', []) ?? '', /no leader/);
  t.regex(whyNeeded([following('alpha', null), following('beta', null)], 'gamma', []) ?? '', /no leader/);
  const current = led('alpha', LEVEL);
  t.regex(whyNeeded([current], 'gamma', []) ?? '', /too few/, 'beta is called current, and does not answer');
  const behind = led('alpha', { beta: false, gamma: true });
  t.regex(whyNeeded([behind, following('beta', 'alpha')], 'gamma', []) ?? '', /too few/);
  // What it says itself does not count.
  t.regex(whyNeeded([led('gamma', { alpha: true, beta: true })], 'gamma', []) ?? '', /no leader/);
});

test('spare - a member is needed that has the only copy, or the only current one', (t) => {
  const beta = following('beta', 'alpha');
  t.regex(whyNeeded([led('alpha', LEVEL), beta], 'gamma', ['ROOMS']) ?? '', /^ROOMS has no leader/);
  const behind = led('alpha', LEVEL, group('ROOMS', 'alpha', { beta: false, gamma: false }));
  t.regex(whyNeeded([behind, beta], 'gamma', ['ROOMS']) ?? '', /^ROOMS has too few current copies/);
  const leaderless = led('alpha', LEVEL, rooms, group('ROOMS', null, {}, 'libera'));
  t.regex(whyNeeded([leaderless, beta], 'gamma', ['ROOMS']) ?? '', /^ROOMS > libera has no leader/);
});

test('spare - a stream whose one copy is another member’s is none of its business', (t) => {
  const alpha = led('alpha', LEVEL, rooms, group('KV_LOCAL', 'alpha'));
  t.is(whyNeeded([alpha, following('beta', 'alpha', group('ROOMS', 'alpha'))], 'gamma', ['ROOMS']), null);
});

/** The window of a room's log that the page holds. Pure: no browser. */
import test from 'ava';
import {
  EMPTY,
  LIVE,
  MOST,
  type Window,
  withLatest,
  withNew,
  withOlder,
} from '../../console/src/pages/lines.js';
import type { Logged } from '../../console/src/types.js';

function line(sequence: number, type = 'chat.message', text = `line ${sequence}`, replyTo?: number): Logged {
  return {
    id: `id${sequence}`,
    source: '/networks/one/channels/=23a',
    type,
    subject: 'lobby',
    time: '2026-01-01T00:00:00.000Z',
    sequence: String(sequence),
    data: {
      author: { id: 'irc:one:nick:alice', name: 'alice', verified: false },
      text,
      markup: 'plain',
      native: { channel: '#a' },
      replyTo: replyTo === undefined ? null : `id${replyTo}`,
    },
  };
}

function lines(from: number, to: number): readonly Logged[] {
  return Array.from({ length: to - from }, (_, index) => line(from + index));
}

function sequencesOf(window: Window): readonly number[] {
  return window.lines.map(({ event }) => Number(event.sequence));
}

test('console lines - at the live end what comes pushes out the oldest', (t) => {
  const window = withNew(withNew(EMPTY, lines(1, 300)), lines(300, 900));
  t.is(window.lines.length, LIVE);
  t.is(sequencesOf(window).at(-1), 899);
  t.true(window.isLive);
});

test('console lines - who reads further up keeps what is there, however much is said', (t) => {
  let window = withNew(EMPTY, lines(1000, 1100));
  for (let from = 900; from > 400; from -= 100) window = withOlder(window, lines(from, from + 100), false);
  window = withNew(window, lines(1100, 1110), true);
  t.is(sequencesOf(window)[0], 500);
  t.is(sequencesOf(window).at(-1), 1109);
  window = withNew(window, lines(1110, 3000), true);
  t.is(sequencesOf(window)[0], 500, 'not taken away');
  t.is(window.lines.length, MOST);
  t.false(window.isLive, 'the end is left out, and loaded by who comes back to it');
  t.is(sequencesOf(withLatest(window, lines(2900, 3000), false)).at(-1), 2999);
});

test('console lines - a line that is loaded later has its edit and its deletion', (t) => {
  const changes = [line(150, 'chat.edit', 'mended', 3), line(151, 'chat.delete', '', 4)];
  const latest = withLatest(EMPTY, [...lines(100, 150), ...changes], false);
  const [third, fourth, fifth] = withOlder(latest, lines(3, 100), true).lines;
  t.is(third?.event.data.text, 'mended');
  t.true(third?.edited);
  t.true(fourth?.deleted);
  t.false(fifth?.edited || fifth?.deleted);
});

test('console lines - a late line stands where it belongs, and none stands twice', (t) => {
  const window = withNew(withNew(EMPTY, [line(1), line(2), line(5)]), [line(3), line(2), line(6), line(3)]);
  t.deepEqual(sequencesOf(window), [1, 2, 3, 5, 6]);
});

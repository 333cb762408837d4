import test from 'ava';
import type { DeadLetter } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { Replays } from '../../src/network/replays.js';
import type { Utterance } from '../../src/network/utterance.js';

const LETTER: DeadLetter = {
  network: 'n',
  channel: '#a',
  reason: 'banned',
  attempts: 1,
  time: '2026-01-01T00:00:00.000Z',
  event: {
    specversion: '1.0',
    id: 'one',
    source: '/test',
    type: 'chat.message',
    subject: 'lobby',
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      author: { id: 'a', name: 'a', verified: false },
      text: 'one',
      markup: 'plain',
      native: { id: null, channel: '#a' },
      replyTo: null,
      attachments: [],
      hops: [],
    },
  },
};

/** One dead letter, number 7, and a queue that the test answers for. */
function setup(waitMs = 10_000) {
  const letters = new Map([[7, LETTER]]);
  const queue: Utterance[] = [];
  let order = 40;
  const replays = new Replays({
    network: 'n',
    dead: {
      get: async (sequence) => letters.get(sequence) ?? null,
      drop: async (sequence) => letters.delete(sequence),
    },
    attaches: () => true,
    nextOrder: () => ++order,
    enqueue: (utterance) => void queue.push(utterance),
    log: silentLogger,
    waitMs,
  });
  return { replays, letters, queue };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('replays - a letter leaves once it is said', async (t) => {
  const { replays, letters, queue } = setup();
  const replaying = replays.replay(7);
  await turn();
  t.is(letters.size, 1);
  queue[0]?.settle();
  await replaying;
  t.is(letters.size, 0);
});

test('replays - a letter that is refused again stays', async (t) => {
  const { replays, letters, queue } = setup();
  const replaying = replays.replay(7);
  await turn();
  queue[0]?.refused?.('still banned');
  await t.throwsAsync(replaying, { code: 'DELIVERY_FAILED', message: 'n #a: refused again: still banned' });
  t.is(letters.size, 1);
});

test('replays - a network that is away: the caller is told that it waits, and it leaves once it is said', async (t) => {
  const { replays, letters, queue } = setup(20);
  await t.throwsAsync(replays.replay(7), { code: 'NETWORK_UNAVAILABLE', message: /waits in the queue/ });
  t.is(letters.size, 1);
  queue[0]?.settle();
  await turn();
  t.is(letters.size, 0);
});

test('replays - asked for twice, it is queued once', async (t) => {
  const { replays, queue } = setup(20);
  await t.throwsAsync(replays.replay(7), { code: 'NETWORK_UNAVAILABLE' });
  const second = replays.replay(7);
  await turn();
  t.is(queue.length, 1);
  queue[0]?.settle();
  await t.notThrowsAsync(second);
});

test('replays - a letter takes its place behind what was said before', async (t) => {
  const { replays, queue } = setup();
  const replaying = replays.replay(7);
  await turn();
  t.is(queue[0]?.order, 41);
  queue[0]?.settle();
  await replaying;
});

import test from 'ava';
import { compileRoutes, SaidOnce, toEvents } from '../../src/routing/index.js';
import { roomsOf } from './rooms.js';

test('said once - copies with one origin are said once per channel', (t) => {
  const said = new SaidOnce();
  t.true(said.claim('a', '#1', { id: '1', origin: 'o' }));
  t.false(said.claim('a', '#1', { id: '2', origin: 'o' }));
  t.true(said.claim('a', '#2', { id: '2', origin: 'o' }));
});

test('said once - two networks that share two rooms hear each line once and echo nothing', (t) => {
  const routes = compileRoutes(roomsOf({ one: ['a#1', 'b#2'], two: ['a#1', 'b#2'] }));
  const said = new SaidOnce();
  const author = { id: 'irc:a:nick:zap', name: 'zap', verified: false };
  const line = { type: 'chat.message', channel: '#1', author, text: 'hi' } as const;
  const rooms = routes.roomsOf('a', '#1');
  const events = toEvents(line, { network: 'a', rooms, now: Date.now() });
  const heard = events.flatMap((event) =>
    ['a', 'b'].flatMap((network) =>
      routes.targetsOf(event, network).filter((target) => said.claim(target.network, target.channel, event)),
    ),
  );
  t.is(events.length, 2);
  t.deepEqual(heard, [{ network: 'b', channel: '#2', room: 'one' }]);
});

test('said once - an event delivered again is known by its id', (t) => {
  const said = new SaidOnce();
  t.true(said.claim('a', '#1', { id: '1' }));
  t.false(said.claim('a', '#1', { id: '1' }));
  t.true(said.claim('a', '#1', { id: '2' }));
});

test('said once - what could not be said may be claimed again', (t) => {
  const said = new SaidOnce();
  said.claim('a', '#1', { id: '1' });
  said.release('a', '#1', { id: '1' });
  t.true(said.claim('a', '#1', { id: '1' }));
});

test('said once - a key is known for the time given, and forgotten later', (t) => {
  let now = 0;
  const said = new SaidOnce({ ttlMs: 100, now: () => now });
  said.claim('a', '#1', { id: '1' });
  now = 99;
  t.false(said.claim('a', '#1', { id: '1' }));
  now = 150;
  t.false(said.claim('a', '#1', { id: '1' }));
  now = 500;
  t.true(said.claim('a', '#1', { id: '1' }));
});

test('said once - it never holds more than its limit', (t) => {
  const said = new SaidOnce({ max: 100 });
  for (let i = 0; i < 1000; i += 1) said.claim('a', '#1', { id: String(i) });
  t.true(said.size <= 100 && said.size >= 50);
  t.false(said.claim('a', '#1', { id: '999' }));
});

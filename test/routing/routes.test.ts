import test from 'ava';
import { encodeHttpSource, encodeSource, type ParleyEvent } from '../../src/message/index.js';
import { compileRoutes, type DropReason, extendHops, type Routes } from '../../src/routing/index.js';
import { eventOf } from '../message/events.js';
import { channelOf, NO_FILTER, roomsOf } from './rooms.js';

function said(address: string, room: string, type = 'chat.message'): ParleyEvent {
  const { network, channel } = channelOf(address);
  return { ...eventOf(type, { hops: [network] }), source: encodeSource(network, channel), subject: room };
}

function heardOn(routes: Routes, event: ParleyEvent, network: string): readonly string[] {
  return routes.targetsOf(event, network).map((target) => target.network + target.channel);
}

test('routes - a line is said in the other channels of its room only', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2', 'b#3'], other: ['b#4'] }));
  t.deepEqual(heardOn(routes, said('a#1', 'qw'), 'b'), ['b#2', 'b#3']);
  t.deepEqual(heardOn(routes, said('a#1', 'qw'), 'a'), []);
  t.deepEqual(routes.targetsOf(said('a#1', 'qw'), 'b')[0], { network: 'b', channel: '#2', room: 'qw' });
});

test('routes - two channels of one network hear each other', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'a#2'] }));
  t.deepEqual(heardOn(routes, said('a#1', 'qw'), 'a'), ['a#2']);
  t.deepEqual(heardOn(routes, said('a#2', 'qw'), 'a'), ['a#1']);
});

test('routes - a post over HTTP is said in every channel of the room', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2'] }));
  const event = {
    ...eventOf('chat.message', { hops: [] }),
    source: encodeHttpSource('portal'),
    subject: 'qw',
  };
  t.deepEqual([...heardOn(routes, event, 'a'), ...heardOn(routes, event, 'b')], ['a#1', 'b#2']);
});

test('routes - direction decides who is heard and who may speak', (t) => {
  const rooms = roomsOf({
    qw: ['a#1', channelOf('b#in', { direction: 'in' }), channelOf('c#out', { direction: 'out' })],
  });
  const routes = compileRoutes(rooms);
  t.deepEqual(heardOn(routes, said('a#1', 'qw'), 'b'), []);
  t.deepEqual(heardOn(routes, said('a#1', 'qw'), 'c'), ['c#out']);
  t.deepEqual(
    [routes.roomsOf('a', '#1'), routes.roomsOf('b', '#in'), routes.roomsOf('c', '#out')],
    [['qw'], ['qw'], []],
  );
  t.deepEqual(routes.networksOf('qw'), ['a', 'c']);
  t.is(routes.admit('c', '#out', 'qw', eventOf().data), 'direction');
  t.is(routes.admit('d', '#no', 'qw', eventOf().data), 'unknown-room');
});

test('routes - an event is left out of the channels that it names', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2', 'b#3'] }));
  const notIn = [encodeSource('b', '#2'), encodeSource('x', '#elsewhere')];
  const event = said('a#1', 'qw', 'command.reply');
  const partly = { ...event, data: { ...event.data, notIn } };
  const dropped: string[] = [];
  const targets = routes.targetsOf(partly, 'b', (reason, channel) => dropped.push(`${reason} ${channel}`));
  t.deepEqual(
    targets.map(({ channel }) => channel),
    ['#3'],
  );
  t.deepEqual(dropped, ['left-out #2']);
});

test('routes - quiet events are hidden unless the room or the channel shows them', (t) => {
  const quiet = ['member.join', 'member.leave', 'member.nick', 'member.kick', 'room.topic', 'sys.netsplit'];
  const hiding = compileRoutes(roomsOf({ qw: ['a#1', 'b#2'] }));
  const showing = compileRoutes(
    roomsOf({ qw: ['a#1', 'b#2'] }, ['join', 'part', 'nick', 'kick', 'topic', 'netsplit']),
  );
  for (const type of quiet) {
    t.deepEqual(heardOn(hiding, said('a#1', 'qw', type), 'b'), []);
    t.deepEqual(heardOn(showing, said('a#1', 'qw', type), 'b'), ['b#2']);
  }
});

test('routes - what a channel shows overrides its room', (t) => {
  const quietOne = channelOf('b#quiet', { show: [] });
  const routes = compileRoutes(roomsOf({ qw: ['a#1', quietOne, 'b#loud'] }, ['join']));
  t.deepEqual(heardOn(routes, said('a#1', 'qw', 'member.join'), 'b'), ['b#loud']);
});

test('routes - leaving the network is a quit, leaving the channel a part', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2'] }, ['quit']));
  const left = said('a#1', 'qw', 'member.leave');
  t.deepEqual(heardOn(routes, left, 'b'), []);
  t.deepEqual(heardOn(routes, { ...left, data: { ...left.data, quit: true } }, 'b'), ['b#2']);
});

test('routes - a network that an event passed earlier is not told again', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2', 'c#3'] }));
  const event = said('b#2', 'qw');
  const relayed = { ...event, data: { ...event.data, hops: ['a', 'gateway', 'b'] } };
  t.deepEqual(heardOn(routes, relayed, 'a'), []);
  t.deepEqual(heardOn(routes, relayed, 'c'), ['c#3']);
});

test('routes - hops grow on the way in, and a repetition is a loop', (t) => {
  t.deepEqual(extendHops(['a'], 'b'), ['a', 'b']);
  t.is(extendHops(['a', 'b'], 'a'), null);
});

test('routes - every drop is told with its reason', (t) => {
  const drops: DropReason[] = [];
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2'] }));
  const onDrop = (reason: DropReason) => void drops.push(reason);
  routes.targetsOf(said('a#1', 'nowhere'), 'b', onDrop);
  routes.targetsOf(said('a#1', 'qw'), 'a', onDrop);
  routes.targetsOf(said('a#1', 'qw', 'member.join'), 'b', onDrop);
  routes.targetsOf({ ...eventOf('chat.message', { hops: ['b', 'a'] }), subject: 'qw' }, 'b', onDrop);
  t.deepEqual(drops, ['unknown-room', 'own-channel', 'hidden', 'loop']);
});

test('routes - an event of an unknown type with data of any shape is routed', (t) => {
  const routes = compileRoutes(roomsOf({ qw: ['a#1', 'b#2'] }));
  for (const data of [undefined, null, 7, 'x', {}, { hops: 'a' }]) {
    const event = { ...said('a#1', 'qw', 'quake.demo'), data } as unknown as ParleyEvent;
    t.deepEqual(heardOn(routes, event, 'b'), ['b#2']);
  }
});

test('routes - a channel of several rooms is entered once, with the options of all', (t) => {
  const routes = compileRoutes(
    roomsOf({
      one: [channelOf('a#1', { options: { key: 'x' } }), 'a#2'],
      two: [channelOf('a#1', { options: { key: 'y', extra: 1 } })],
    }),
  );
  t.deepEqual(routes.channelsOf('a'), [
    { address: '#1', options: { key: 'x', extra: 1 } },
    { address: '#2', options: {} },
  ]);
  t.deepEqual(routes.channelsOf('b'), []);
  t.deepEqual(routes.roomsOf('a', '#1'), ['one', 'two']);
});

test('routes - names of objects are rooms, networks and channels like any other', (t) => {
  const routes = compileRoutes(roomsOf({ constructor: ['__proto__#toString', 'b#2'] }));
  t.deepEqual(heardOn(routes, said('__proto__#toString', 'constructor'), 'b'), ['b#2']);
  t.deepEqual(routes.roomsOf('hasOwnProperty', '#x'), []);
});

test('routes - a filter applies to its channel and room only', (t) => {
  const filter = { ...NO_FILTER, ignoreNicks: ['zap.*'] };
  const routes = compileRoutes(roomsOf({ qw: [channelOf('a#1', { filter }), 'a#2'], all: ['a#1'] }));
  const { data } = eventOf();
  t.is(routes.admit('a', '#1', 'qw', data), 'ignored-nick');
  t.is(routes.admit('a', '#2', 'qw', data), data);
  t.is(routes.admit('a', '#1', 'all', data), data);
});

/** Counts look-ups, so that the claim does not hang on a clock. */
class CountingMap<Key, Value> extends Map<Key, Value> {
  static reads = 0;

  override get(key: Key): Value | undefined {
    CountingMap.reads += 1;
    return super.get(key);
  }
}

test.serial('routes - the work for one line does not grow with the number of rooms', (t) => {
  const readsWith = (count: number): number => {
    const rooms = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`r${i}`, [`a#${i}`, `n${i % 50}#${i}`]]),
    );
    const [PlainMap, routes] = [globalThis.Map, withMap(CountingMap, () => compileRoutes(roomsOf(rooms)))];
    CountingMap.reads = 0;
    t.is(routes.targetsOf(said('a#0', 'r0'), 'n0').length, 1);
    routes.roomsOf('a', '#0');
    routes.admit('a', '#0', 'r0', eventOf().data);
    t.is(globalThis.Map, PlainMap);
    return CountingMap.reads;
  };
  const few = readsWith(1);
  t.true(few > 0 && few < 12);
  t.is(readsWith(1000), few);
});

function withMap<Result>(map: MapConstructor, run: () => Result): Result {
  const kept = globalThis.Map;
  globalThis.Map = map;
  try {
    return run();
  } finally {
    globalThis.Map = kept;
  }
}

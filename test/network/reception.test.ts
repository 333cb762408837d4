import test from 'ava';
import type { NetworkEvent } from '../../src/bridge.js';
import type { Gate, HeardLine, Origin } from '../../src/gate.js';
import { silentLogger } from '../../src/log.js';
import { Counters } from '../../src/network/counters.js';
import type { MessageMap } from '../../src/network/message-map.js';
import { Reception } from '../../src/network/reception.js';
import type { Switchboard } from '../../src/network/switchboard.js';
import type { Routes } from '../../src/routing/index.js';

/** A channel of two rooms; `banned` is the mask that the gate keeps out. */
function setup(banned: string | null = null) {
  const origins: Origin[] = [];
  const lines: HeardLine[] = [];
  const stored: string[] = [];
  const gate: Gate = {
    refuses(_event, origin) {
      origins.push(origin);
      return origin.mask !== null && origin.mask === banned ? 'banned' : null;
    },
    heard: (line) => void lines.push(line),
    addressed: () => {},
  };
  const counters = new Counters();
  const routes: Partial<Routes> = {
    roomsOf: () => ['lobby', 'quake'],
    admit: (_network, _channel, _room, data) => data,
  };
  const switchboard: Pick<Switchboard, 'accept'> = {
    accept: async (event) => {
      stored.push(event.subject);
      return { duplicate: false } as Awaited<ReturnType<Switchboard['accept']>>;
    },
  };
  const reception = new Reception({
    isMuted: () => false,
    network: 'libera',
    routes: () => routes as Routes,
    switchboard: switchboard as Switchboard,
    map: { heard: () => {} } as Partial<MessageMap> as MessageMap,
    counters,
    note: () => {},
    log: silentLogger,
    gate,
    self: () => 'parley',
  });
  return { reception, origins, lines, stored, counters };
}

const SAID: NetworkEvent = {
  type: 'chat.message',
  channel: '#quake',
  author: { id: 'irc:libera:account:ann', name: 'anna', verified: true },
  text: 'hi',
  person: 'anna',
  rank: 'operator',
  mask: 'anna!ann@host.test',
};

test('reception - the gate learns where somebody comes from, for each room and with the line', async (t) => {
  const { reception, origins, lines, stored } = setup();
  await reception.receive(SAID);
  const origin = { network: 'libera', mask: 'anna!ann@host.test', rank: 'operator' } as const;
  t.deepEqual(origins, [origin, origin]);
  t.is(lines.length, 1);
  t.like(lines[0], { ...origin, channel: '#quake', person: 'anna', self: 'parley', text: 'hi' });
  t.deepEqual(stored, ['lobby', 'quake']);
});

test('reception - what the network does not tell is null', async (t) => {
  const { reception, origins, lines } = setup();
  const { person: _person, rank: _rank, mask: _mask, ...bare } = SAID;
  await reception.receive(bare);
  t.deepEqual(origins[0], { network: 'libera', mask: null, rank: null });
  t.like(lines[0], { person: null, mask: null, rank: null });
});

test('reception - who is refused is neither stored nor heard, and counted', async (t) => {
  const { reception, lines, stored, counters } = setup('anna!ann@host.test');
  await reception.receive(SAID);
  t.deepEqual([stored, lines], [[], []]);
  t.is(counters.snapshot().dropped.banned, 2);
});

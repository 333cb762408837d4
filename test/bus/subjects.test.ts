import test from 'ava';
import fc from 'fast-check';
import { connect } from 'nats';
import { parseAckSubject, Subjects } from '../../src/bus/subjects.js';
import { decodeToken, encodeToken } from '../../src/message/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, openBus } from './fixtures.js';

const INJECTION = 'a 0\r\n\r\nPUB admin.kill 4\r\nboom\r\nPUB parley.room.b';

test('subjects - every text comes back from its token', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const token = encodeToken(text);
        return /^[A-Za-z0-9_=-]+$/.test(token) && decodeToken(token) === text;
      }),
      { numRuns: 2000 },
    );
  });
});

test('subjects - different texts have different tokens', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        return (one === other) === (encodeToken(one) === encodeToken(other));
      }),
    );
  });
});

test('subjects - any string gives a legal token or none, and decoding never throws', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('=', '4', '1', 'A', 'a', 'é', '.', ' ') }), (token) => {
        const text = decodeToken(token);
        return text === null || encodeToken(text) === token;
      }),
    );
  });
});

for (const [text, token] of [
  ['#quakeworld', '=23quakeworld'],
  ['', '='],
  ['a.b *>', 'a=2Eb=20=2A=3E'],
  ['ä', '=C3=A4'],
  ['\ufeffbom', '=EF=BB=BFbom'],
  ['=', '=3D'],
] as const) {
  test(`subjects - ${JSON.stringify(text)} is the token ${token}`, (t) => {
    t.is(encodeToken(text), token);
    t.is(decodeToken(token), text);
  });
}

for (const token of ['=2', '=zz', '=41', '=C3', 'a.b', 'a b', '==', '=c3=a4', '=FF']) {
  test(`subjects - ${token} is no token of ours`, (t) => {
    t.is(decodeToken(token), null);
  });
}

test('subjects - another prefix has its own subjects, streams and buckets', (t) => {
  const own = new Subjects('my clan');
  t.is(own.room('lobby'), 'my=20clan.room.lobby');
  t.is(own.roomStream, 'my=20clan_ROOMS');
  t.is(own.bucket('TOKENS'), 'my=20clan_TOKENS');
  const standard = new Subjects('parley');
  t.is(standard.roomStream, 'ROOMS');
  t.is(standard.bucket('TOKENS'), 'TOKENS');
});

test('subjects - reads both forms of the acknowledgement subject', (t) => {
  const expected = { deliveries: 2, sequence: 17, pending: 5 };
  t.deepEqual(parseAckSubject('$JS.ACK.ROOMS.libera.2.17.9.1669000000000000000.5'), expected);
  t.deepEqual(parseAckSubject('$JS.ACK.hub.ABCDEF.ROOMS.libera.2.17.9.1669000000000000000.5.x7'), expected);
  t.is(parseAckSubject('_INBOX.abc'), null);
  t.is(parseAckSubject(''), null);
});

test('subjects - a room named like a protocol line publishes nothing else', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const watcher = await connect({ servers: [...server.address.servers] });
  t.teardown(() => watcher.close());
  const seen: string[] = [];
  watcher.subscribe('>', { callback: (_, message) => seen.push(message.subject) });
  await watcher.flush();
  const following = await bus.follow(INJECTION, null, () => {});
  await bus.store(makeEvent(INJECTION, 'hello'));
  t.is((await bus.read(INJECTION, { limit: 10 })).length, 1);
  await bus.dead.put({
    network: INJECTION,
    channel: INJECTION,
    reason: 'test',
    attempts: 1,
    time: new Date().toISOString(),
    event: makeEvent('lobby', 'dead'),
  });
  await t.throwsAsync(bus.request([INJECTION], null, 100));
  await (await bus.bucket(`NETWORKS`)).put(INJECTION, { open: true });
  await (await bus.deliveries(INJECTION, () => {})).stop();
  await following.stop();
  await watcher.flush();
  t.true(seen.includes(`parley.room.${encodeToken(INJECTION)}`));
  t.deepEqual(
    seen.filter((subject) => subject.includes('admin') && !subject.includes(encodeToken(INJECTION))),
    [],
  );
});

import test, { type ExecutionContext } from 'ava';
import type { Abilities, Capabilities, Connection, OutboundMessage } from '../../src/bridge.js';
import { DeliveryError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import { newId, type ParleyEvent } from '../../src/message/index.js';
import { Counters } from '../../src/network/counters.js';
import { Dispatcher } from '../../src/network/dispatcher.js';
import { MessageMap } from '../../src/network/message-map.js';
import { phrase } from '../../src/network/phrase.js';
import { Quotes } from '../../src/network/quotes.js';
import { abilitiesOf, References, record } from '../../src/network/reference.js';
import { TokenBucket } from '../../src/network/token-bucket.js';
import { utteranceOf } from '../../src/network/utterance.js';
import { Window } from '../../src/network/window.js';
import { openBus } from '../bus/fixtures.js';
import { eventOf } from '../message/events.js';
import { until } from '../peers/index.js';
import { startNats } from '../peers/nats.js';
import { networkOf } from '../routing/rooms.js';

const capabilities: Capabilities = {
  maxBytes: 64 + 20,
  markup: 'plain',
  multiline: false,
  edits: true,
  replies: true,
  echoes: false,
  inFlight: 8,
  flood: { burst: Number.POSITIVE_INFINITY, perSecond: 1 },
};
const TARGET = { network: 'chat', channel: '#a', room: 'lobby' };

type Act = Pick<OutboundMessage, 'text' | 'edits' | 'deletes' | 'replyTo'>;

/** A dispatcher with a real map, and a network that numbers what it is told. */
async function setup(
  t: ExecutionContext,
  can: Partial<Abilities> = {},
  refuses = (_: Act): boolean => false,
) {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const map = new MessageMap(bus, silentLogger);
  t.teardown(() => map.stop());
  const references = new References(map, new Quotes(bus, silentLogger));
  const acts: Act[] = [];
  const counters = new Counters();
  let count = 0;
  const connection: Connection = {
    async deliver({ text, edits, deletes, replyTo }) {
      const act = Object.fromEntries(
        Object.entries({ text, edits, deletes, replyTo }).filter(([, value]) => value !== undefined),
      ) as unknown as Act;
      acts.push(act);
      await null;
      if (refuses(act)) throw new DeliveryError('rejected', 'no');
      if (edits === undefined && deletes === undefined) count += 1;
      return { nativeId: deletes === undefined ? (edits ?? `n${count}`) : null };
    },
    closed: new Promise(() => {}),
    attach: async () => {},
    detach: async () => {},
    abilities: can,
  };
  const abilities = () => abilitiesOf(capabilities, connection);
  const dispatcher = new Dispatcher({
    capabilities,
    bucket: new TokenBucket(capabilities.flood),
    window: new Window({ limit: 1, untold: () => null, countsUnconfirmed: () => true }),
    counters,
    log: silentLogger,
    maxAgeMs: () => 60_000,
    render: (utterance, maxBytes) =>
      phrase(utterance, { network: networkOf(), target: TARGET, capabilities, maxBytes }, abilities()),
    peekReference: ({ event, target }) => references.peek(event, target, abilities()),
    saidLately: () => false,
    findReference: ({ event, target }) => references.find(event, target, abilities()),
    named: (utterance, natives) => record(map, utterance, natives),
    traced: () => {},
    bury: async () => {},
    caughtUp: () => true,
    maySpeak: () => true,
  });
  t.teardown(() => dispatcher.stop());
  dispatcher.connected(connection);
  let settled = 0;
  let told = 0;
  const settle = () => {
    settled += 1;
  };
  const tell = (type: string, text: string, replyTo: string | null = null): ParleyEvent => {
    const event = { ...eventOf(type, { text, replyTo }), id: newId(), time: new Date().toISOString() };
    told += 1;
    dispatcher.enqueue(utteranceOf(event, TARGET, told, settle));
    return event;
  };
  const done = () => until(() => settled === told, { what: 'all to be said', deadlineMs: 15_000 });
  return { acts, map, tell, done, counters };
}

const LONG =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen';

test('references - an edit changes the message, though it is not confirmed yet', async (t) => {
  const { acts, tell, done } = await setup(t);
  const said = tell('chat.message', 'helo');
  tell('chat.edit', 'hello', said.id);
  tell('chat.message', 'next');
  await done();
  t.deepEqual(acts, [
    { text: '<zappater> helo' },
    { text: '<zappater> hello', edits: 'n1' },
    { text: '<zappater> next' },
  ]);
});

test('references - an edit into fewer parts removes the rest, into more it adds', async (t) => {
  const { acts, tell, done } = await setup(t);
  const said = tell('chat.message', LONG);
  await done();
  t.is(acts.length, 2);
  tell('chat.edit', 'short', said.id);
  await done();
  t.deepEqual(acts.slice(2), [
    { text: '<zappater> short', edits: 'n1' },
    { text: '', deletes: 'n2' },
  ]);
  tell('chat.edit', LONG, said.id);
  await done();
  t.deepEqual(
    acts.slice(4).map(({ edits }) => edits),
    ['n1', undefined],
  );
  tell('chat.delete', '', said.id);
  await done();
  t.deepEqual(acts.slice(6), [
    { text: '', deletes: 'n1' },
    { text: '', deletes: 'n3' },
  ]);
});

test('references - where nothing can be removed, the rest of an edit becomes a mark', async (t) => {
  const { acts, tell, done } = await setup(t, { deletes: false });
  const said = tell('chat.message', LONG);
  tell('chat.edit', 'short', said.id);
  await done();
  t.deepEqual(acts.slice(2), [
    { text: '<zappater> short', edits: 'n1' },
    { text: '…', edits: 'n2' },
  ]);
  tell('chat.delete', '', said.id);
  await done();
  t.deepEqual(acts.slice(4), [{ text: 'zappater deleted a message' }]);
});

test('references - an edit of what is not known is a line of its own', async (t) => {
  const { acts, tell, done } = await setup(t);
  tell('chat.edit', 'hello', 'never-heard-of');
  await done();
  t.deepEqual(acts, [{ text: '<zappater> hello (edited)' }]);
});

test('references - an edit that the network refuses is a line of its own, in its place', async (t) => {
  const { acts, tell, done, counters } = await setup(t, {}, ({ edits }) => edits !== undefined);
  const said = tell('chat.message', LONG);
  await done();
  tell('chat.edit', `${LONG} end`, said.id);
  tell('chat.message', 'next');
  await done();
  t.is(acts.at(-1)?.text, '<zappater> next');
  t.regex(
    acts
      .slice(2, -1)
      .filter(({ edits }) => edits === undefined)
      .map(({ text }) => text)
      .join(' '),
    /one two .* end \(edited\)$/,
  );
  t.is(counters.dead, 0);
  t.is(counters.delivered, 3);
});

test('references - a reply points at the first part of what it answers, or quotes it', async (t) => {
  const { acts, tell, done, map } = await setup(t);
  const said = tell('chat.message', LONG);
  tell('chat.message', 'yes', said.id);
  await done();
  t.deepEqual(acts.at(-1), { text: '<zappater> yes', replyTo: 'n1' });
  t.deepEqual(await map.natives(said.id, 'chat', '#a'), ['n1', 'n2']);
  tell('chat.message', 'no', 'never-heard-of');
  await done();
  t.deepEqual(acts.at(-1), { text: '<zappater> no' });
});

/**
 * What every bridge must do, run against its real peer. A bridge is done when this passes:
 *
 *     conformance(test, { name: 'irc', bridge: irc, peer: { start: startPeer, wrong: { port: 70000 } } });
 */
import { getEventListeners } from 'node:events';
import type { ExecutionContext, TestFn } from 'ava';
import type { Connection, NetworkEvent, OutboundMessage } from '../src/bridge.js';
import { DeliveryError } from '../src/errors.js';
import { describesFields, refusesField } from './conformance-fields.js';
import { type AnyBridge, LentNetwork, type OpenBridge, openBridge, outbound } from './peers/lent-network.js';
import { until, within } from './peers/wait.js';

export interface Conformance {
  /** In front of each test's name. */
  readonly name: string;
  readonly bridge: AnyBridge;
  readonly peer: ConformancePeer;
}

/** What the suite must know of the other side. */
export interface ConformancePeer {
  /** Starts a real server of this test's own, with somebody else in the channel. */
  start(t: ExecutionContext): Promise<RunningPeer>;
  /** Config field → a value that it must refuse, or several. At least one for every field that can be wrong. */
  readonly wrong: Readonly<Record<string, unknown>>;
  /**
   * False where there is no connection to lose (a webhook). The suite then expects of a lost server only that
   * `deliver` fails with `unavailable` and works again afterwards. @default true
   */
  readonly connected?: boolean;
}

export interface RunningPeer {
  /** The bridge's fields as they would stand in the config file. */
  config(): Readonly<Record<string, unknown>>;
  /** The channel in which the somebody else is. */
  readonly channel: string;
  /** Longest text that the somebody else can say in one message, UTF-8 bytes. @default `capabilities.maxBytes` */
  readonly longestBytes?: number;
  /** The somebody else says this; resolves once the server took it. */
  say(text: string): Promise<void>;
  /** What the somebody else has heard the bridge say so far, oldest first. */
  heard(): readonly string[];
  /** What the somebody else can say and hear alone. For bridges with `capabilities.privately`, which must have it. */
  readonly alone?: AlonePeer;
  /** The server dies without a word. */
  kill(): Promise<void>;
  /** It is back, at the same address. */
  restart(): Promise<void>;
}

export interface AlonePeer {
  /** Their address: what `PrivateMessage.person` and `NetworkEvent.person` must be. */
  readonly person: string;
  /** They say this to the bridge and nobody else; resolves once the server took it. */
  say(text: string): Promise<void>;
  /** What the bridge has told them alone so far, oldest first. */
  heard(): readonly string[];
}

const SETTLE_MS = 10_000;
const LINES = 50;
const UTF8 = 'grüße — 漢字 · 🙂 👩‍👩‍👧 · é';

type Check = (t: ExecutionContext, open: () => Promise<OpenBridge>, peer: RunningPeer) => Promise<void>;

/** Registers the suite's tests. */
export function conformance(test: TestFn, subject: Conformance): void {
  const { name, bridge, peer } = subject;
  const check = (behaviour: string, run: Check, register: typeof test | typeof test.serial = test) =>
    register(`${name} - ${behaviour}`, async (t) => {
      const running = await peer.start(t);
      await run(t, () => openBridge(t, bridge, running.config(), [running.channel]), running);
    });
  check('opens and closes twice', opensAndClosesTwice);
  check('gives up when aborted while opening', (t, _, running) => abortsWhileOpening(t, bridge, running));
  check('hands over an event whole', (t, open, running) => receivesWhole(t, open, running, bridge));
  check('goes on after an event was refused', survivesRefusal);
  check('delivers in order', (t, open, running) => deliversInOrder(t, open, running, bridge));
  check('delivers the longest body and every character', (t, open, running) =>
    deliversWhole(t, open, running, bridge),
  );
  check('never hears itself', ignoresItself);
  check('keeps hostile text inside its message', staysInside);
  if (bridge.capabilities.privately === true) {
    check('hears what is said to it alone, as no event', hearsAlone);
    check('tells one person alone, in order and whole', (t, open, running) =>
      tellsAlone(t, open, running, bridge),
    );
    check('keeps a hostile address inside its message', keepsAddress);
  }
  check('notices a lost server', (t, open, running) =>
    (peer.connected ?? true) ? losesConnection(t, open, running) : losesServer(t, open, running),
  );
  check('leaves nothing open', leavesNothing, test.serial);
  test(`${name} - describes every config field`, (t) => describesFields(t, bridge));
  for (const [path, value] of Object.entries(peer.wrong)) {
    test(`${name} - refuses a wrong ${path}`, (t) => refusesField(t, subject, path, value));
  }
}

const opensAndClosesTwice: Check = async (t, open, peer) => {
  for (const round of ['first', 'second']) {
    const bridge = await open();
    await peer.say(`in the ${round} round`);
    await bridge.network.heard(`in the ${round} round`);
    await within(bridge.close(), SETTLE_MS, '`closed` to resolve');
    t.deepEqual(getEventListeners(bridge.abort.signal, 'abort'), [], 'listeners on the signal remain');
  }
};

/** At once, before the first byte has gone out, and in the midst of the hello. */
const ABORT_MOMENTS: readonly (() => Promise<void>)[] = [
  () => Promise.resolve(),
  () => new Promise((resolve) => setImmediate(resolve)),
  () => new Promise((resolve) => setTimeout(resolve, 20)),
];

async function abortsWhileOpening(t: ExecutionContext, bridge: AnyBridge, peer: RunningPeer): Promise<void> {
  const config = bridge.config.parse(peer.config());
  for (const moment of ABORT_MOMENTS) {
    const abort = new AbortController();
    const opening = bridge.open(config, new LentNetwork([peer.channel]), abort.signal);
    opening.catch(() => {});
    await moment();
    abort.abort();
    // Either answer is right: the attempt fails, or it was quicker and the connection then closes.
    const connection = await within(opening, SETTLE_MS, '`open` to settle').catch(onlyFailure);
    await within(connection?.closed ?? Promise.resolve(), SETTLE_MS, '`closed` to resolve');
  }
  const late = Promise.resolve().then(() =>
    bridge.open(config, new LentNetwork([peer.channel]), AbortSignal.abort()),
  );
  await t.throwsAsync(late, { any: true }, 'an attempt that was aborted before it began');
}

function onlyFailure(error: Error): undefined {
  if (error.message.startsWith('waited ')) throw error;
}

async function receivesWhole(
  t: ExecutionContext,
  open: () => Promise<OpenBridge>,
  peer: RunningPeer,
  bridge: AnyBridge,
): Promise<void> {
  const { network } = await open();
  const longest = 'ä'.repeat(Math.floor((peer.longestBytes ?? bridge.capabilities.maxBytes) / 2));
  const texts = ['hello', UTF8, longest, ...(bridge.capabilities.multiline ? ['one\ntwo\n\nfour'] : [])];
  for (const text of texts) {
    await peer.say(text);
    assertWhole(t, await network.heard(text), peer.channel);
  }
}

function assertWhole(t: ExecutionContext, event: NetworkEvent, channel: string): void {
  t.is(event.type, 'chat.message');
  t.is(event.channel, channel, 'the channel is spelled as in `channels()`');
  t.truthy(event.author.name);
  t.regex(event.author.id, /^[a-z0-9-]+:test:/, 'an author id begins with kind and network');
}

const survivesRefusal: Check = async (t, open, peer) => {
  const { network } = await open();
  network.onReceive = () => Promise.reject(new Error('refused by the test'));
  await peer.say('refused').catch(() => {}); // a peer that is answered learns of the refusal
  await network.heard('refused');
  network.onReceive = () => {};
  await peer.say('taken');
  await network.heard('taken');
  t.pass();
};

async function deliversInOrder(
  t: ExecutionContext,
  open: () => Promise<OpenBridge>,
  peer: RunningPeer,
  bridge: AnyBridge,
): Promise<void> {
  const { connection } = await open();
  const texts = Array.from({ length: LINES }, (_, index) => `line ${index}`);
  await deliverAll(
    connection,
    bridge,
    texts.map((text) => outbound(peer.channel, text)),
  );
  await until(() => peer.heard().length >= LINES, {
    what: `${LINES} lines at the peer`,
    deadlineMs: SETTLE_MS,
  });
  t.deepEqual(peer.heard(), texts);
}

/** As many at once as the bridge takes. */
async function deliverAll(
  connection: Connection,
  bridge: AnyBridge,
  messages: readonly OutboundMessage[],
): Promise<void> {
  const width = Math.max(1, bridge.capabilities.inFlight);
  for (let at = 0; at < messages.length; at += width) {
    await Promise.all(messages.slice(at, at + width).map((message) => connection.deliver(message)));
  }
}

async function deliversWhole(
  t: ExecutionContext,
  open: () => Promise<OpenBridge>,
  peer: RunningPeer,
  bridge: AnyBridge,
): Promise<void> {
  const { connection } = await open();
  const room = connection.roomFor?.(peer.channel, 'chat.message') ?? bridge.capabilities.maxBytes;
  const texts = [UTF8, 'x'.repeat(room), ...(bridge.capabilities.multiline ? ['one\ntwo\n\nfour'] : [])];
  for (const text of texts) await connection.deliver(outbound(peer.channel, text));
  await until(() => peer.heard().length >= texts.length, { what: 'every text at the peer' });
  t.deepEqual(peer.heard(), texts);
}

const ignoresItself: Check = async (t, open, peer) => {
  const { network, connection } = await open();
  await connection.deliver(outbound(peer.channel, 'said by the bridge'));
  await until(() => peer.heard().includes('said by the bridge'), { what: 'the line at the peer' });
  await peer.say('said by another');
  await network.heard('said by another');
  t.deepEqual(
    network.lines.map((event) => event.text),
    ['said by another'],
  );
};

/** The core hands over no such text; a bridge does not depend on it. */
const staysInside: Check = async (t, open, peer) => {
  const { connection } = await open();
  for (const text of ['a\r\nQUIT :gone', 'b\0c', '\r\n', '{"c":"d"}', '\u0001VERSION\u0001']) {
    await connection
      .deliver(outbound(peer.channel, text))
      .catch((error) => t.true(error instanceof DeliveryError));
  }
  await connection.deliver(outbound(peer.channel, 'still here'));
  await until(() => peer.heard().includes('still here'), { what: 'the line after the hostile ones' });
  t.pass();
};

function aloneIn(peer: RunningPeer): AlonePeer {
  if (peer.alone !== undefined) return peer.alone;
  throw new Error('`capabilities.privately` is tested with `alone` of the peer');
}

const hearsAlone: Check = async (t, open, peer) => {
  const alone = aloneIn(peer);
  const { network, connection } = await open();
  for (const text of ['help', UTF8]) {
    await alone.say(text);
    const message = await until(() => network.private.find((one) => one.text === text), { what: text });
    t.is(message.person, alone.person);
    t.regex(message.author.id, /^[a-z0-9-]+:test:/, 'an author id begins with kind and network');
  }
  await peer.say('to all');
  t.is((await network.heard('to all')).person, alone.person, 'the same address in a channel');
  t.deepEqual(
    network.lines.map(({ text }) => text),
    ['to all'],
  );
  t.is(network.private.length, 2);
  t.truthy(connection.self, 'people must be able to address it');
};

async function tellsAlone(
  t: ExecutionContext,
  open: () => Promise<OpenBridge>,
  peer: RunningPeer,
  bridge: AnyBridge,
): Promise<void> {
  const alone = aloneIn(peer);
  const { connection } = await open();
  const room = connection.roomFor?.(alone.person, 'command.reply') ?? bridge.capabilities.maxBytes;
  const texts = ['one', UTF8, 'x'.repeat(room), 'four'];
  const messages = texts.flatMap((text) => [
    { ...outbound(alone.person, text), private: true as const },
    outbound(peer.channel, `beside ${text.slice(0, 9)}`),
  ]);
  await deliverAll(connection, bridge, messages);
  await until(() => alone.heard().length >= texts.length && peer.heard().length >= texts.length, {
    what: 'every text at the peer',
  });
  t.deepEqual(alone.heard(), texts);
  t.deepEqual(
    peer.heard(),
    texts.map((text) => `beside ${text.slice(0, 9)}`),
  );
}

/** Whatever somebody calls themselves: it is refused, or reaches nobody. */
const keepsAddress: Check = async (t, open, peer) => {
  const alone = aloneIn(peer);
  const { connection } = await open();
  const { person } = alone;
  for (const address of [
    '',
    ' ',
    peer.channel,
    `${person},${person}`,
    `${person}\r\nQUIT`,
    `${person} x`,
    '*',
  ]) {
    const delivery = connection.deliver({ ...outbound(address, 'astray'), private: true });
    const error = await t.throwsAsync(delivery, { instanceOf: DeliveryError }, JSON.stringify(address));
    t.is(error.outcome, 'rejected', JSON.stringify(address));
  }
  await connection.deliver({ ...outbound(person, 'still here'), private: true });
  await until(() => alone.heard().length > 0, { what: 'the text after the hostile ones' });
  t.deepEqual(alone.heard(), ['still here']);
  t.deepEqual(peer.heard(), []);
};

const losesConnection: Check = async (t, open, peer) => {
  const { connection } = await open();
  const lost = t.throwsAsync(connection.closed);
  await peer.kill();
  await within(lost, SETTLE_MS, '`closed` to reject');
  await throwsUnavailable(t, connection.deliver(outbound(peer.channel, 'into the void')));
  await peer.restart();
  const again = await open();
  await again.connection.deliver(outbound(peer.channel, 'back'));
  await until(() => peer.heard().includes('back'), { what: 'a line after the restart' });
};

const losesServer: Check = async (t, open, peer) => {
  const { connection } = await open();
  await peer.kill();
  await throwsUnavailable(t, connection.deliver(outbound(peer.channel, 'into the void')));
  await peer.restart();
  await connection.deliver(outbound(peer.channel, 'back'));
  await until(() => peer.heard().includes('back'), { what: 'a line after the restart' });
};

async function throwsUnavailable(t: ExecutionContext, delivery: Promise<unknown>): Promise<void> {
  const failed = t.throwsAsync(delivery, { instanceOf: DeliveryError });
  const error = await within(failed, SETTLE_MS, '`deliver` to settle');
  t.is(error?.outcome, 'unavailable');
}

const leavesNothing: Check = async (t, open, peer) => {
  const before = openResources();
  const { connection, network, close } = await open();
  await connection.deliver(outbound(peer.channel, 'hello'));
  await peer.say('hello too');
  await network.heard('hello too');
  await close();
  await until(() => openResources() <= before, { what: 'sockets and timers to be gone' });
  t.true(openResources() <= before);
};

/** What would keep the process alive: sockets, servers, children, timers. */
function openResources(): number {
  return process.getActiveResourcesInfo().filter((name) => /Wrap$|Timeout|Immediate/.test(name)).length;
}

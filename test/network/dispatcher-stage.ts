import type { Capabilities, Connection, OutboundMessage, Receipt } from '../../src/bridge.js';
import { DeliveryError, type DeliveryOutcome } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import { Counters } from '../../src/network/counters.js';
import { Dispatcher } from '../../src/network/dispatcher.js';
import { NEW } from '../../src/network/reference.js';
import { TokenBucket } from '../../src/network/token-bucket.js';
import { utteranceOf } from '../../src/network/utterance.js';
import { Window } from '../../src/network/window.js';

export const capabilities: Capabilities = {
  maxBytes: 400,
  markup: 'plain',
  multiline: false,
  edits: false,
  replies: false,
  echoes: false,
  inFlight: 8,
  flood: { burst: Number.POSITIVE_INFINITY, perSecond: 1 },
};
export const UNLIMITED = { burst: Number.POSITIVE_INFINITY, perSecond: 1 };

export function eventOf(text: string, ageMs = 0, expiresInMs?: number): ParleyEvent {
  const expiry =
    expiresInMs === undefined ? {} : { expirytime: new Date(Date.now() + expiresInMs).toISOString() };
  return {
    ...expiry,
    specversion: '1.0',
    id: text,
    source: '/test',
    type: 'chat.message',
    subject: 'lobby',
    time: new Date(Date.now() - ageMs).toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: 'a', name: 'a', verified: false },
      text,
      markup: 'plain',
      native: { id: null, channel: '#a' },
      replyTo: null,
      attachments: [],
      hops: [],
    },
  };
}

export type Answer = (message: OutboundMessage) => Promise<Receipt>;
export const ok: Answer = async () => ({ nativeId: null });
export const fail =
  (outcome: DeliveryOutcome): Answer =>
  async () => {
    throw new DeliveryError(outcome, outcome);
  };

/** A dispatcher, what it said, and the means to answer for the network. */
export function setup({
  limit = UNLIMITED,
  caughtUp = () => true,
  untold = () => null,
}: {
  limit?: typeof UNLIMITED;
  caughtUp?: () => boolean;
  untold?: () => number | null;
} = {}) {
  const said: string[] = [];
  const buried: string[] = [];
  const settled: string[] = [];
  const saidElsewhere = new Set<string>();
  let order = 0;
  const counters = new Counters();
  const dispatcher = new Dispatcher({
    maySpeak: () => true,
    capabilities,
    bucket: new TokenBucket(limit),
    // Its clock stands still: it never grows.
    window: new Window({ limit: capabilities.inFlight, untold, countsUnconfirmed: () => true, now: () => 0 }),
    counters,
    log: silentLogger,
    maxAgeMs: () => 60_000,
    render: ({ event }) => {
      const parts = event.data.text.split('\n').filter((part) => part !== '');
      return parts.length === 0 ? null : { type: 'chat.message', parts };
    },
    peekReference: () => undefined,
    saidLately: ({ event }) => saidElsewhere.has(event.id),
    findReference: async () => NEW,
    traced: () => {},
    named: () => {},
    bury: async ({ event }) => void buried.push(event.id),
    caughtUp,
  });
  const say = (text: string, channel = '#a', ageMs = 0, expiresInMs?: number) => {
    order += 1;
    const target = { network: 'n', channel, room: 'lobby' };
    dispatcher.enqueue(
      utteranceOf(eventOf(text, ageMs, expiresInMs), target, order, () => void settled.push(text)),
    );
  };
  const whisper = (text: string) => {
    order += 1;
    const target = { network: 'n', channel: 'anna', room: '', private: true as const };
    dispatcher.enqueue(utteranceOf(eventOf(text), target, order, () => void settled.push(text)));
  };
  const connectionOf = (answer: Answer): Connection => ({
    deliver: async (message) => {
      const receipt = await answer(message);
      said.push(message.text);
      return receipt;
    },
    closed: new Promise(() => {}),
    attach: async () => {},
    detach: async () => {},
  });
  return {
    dispatcher,
    said,
    buried,
    settled,
    saidElsewhere,
    counters,
    say,
    whisper,
    connect: (answer: Answer) => dispatcher.connected(connectionOf(answer)),
  };
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What the core lends to a bridge, recording; and opening a connection as the supervisor does. */
import type { ExecutionContext } from 'ava';
import irc from '../../../bridges/irc/index.js';
import type {
  Channel,
  Connection,
  Network,
  NetworkEvent,
  OutboundMessage,
  ParleyEvent,
  PrivateMessage,
} from '../../../src/bridge.js';
import type { LogFields, Logger } from '../../../src/log.js';
import { until } from '../../peers/index.js';
import { type RawIrcOptions, type RawPeer, startRawIrc } from '../../peers/raw-irc.js';

export interface RecordingNetwork extends Network {
  readonly events: NetworkEvent[];
  /** What was said to us alone. */
  readonly private: PrivateMessage[];
  /** Every reason given, in order, as `channel: reason`. */
  readonly reasons: string[];
  /** Reasons that hold now, by channel. */
  readonly degradedNow: ReadonlyMap<string | null, string>;
  /** Reasons of what the bridge left out, in order. */
  readonly drops: string[];
  /** Every log line with its fields. */
  readonly logged: string[];
  /** The first event that passes, waiting for it. */
  event(match: (event: NetworkEvent) => boolean): Promise<NetworkEvent>;
  /** Texts of the events of one type. */
  texts(type?: string): readonly string[];
}

export function recordingNetwork(channels: readonly (string | Channel)[], name = 'libera'): RecordingNetwork {
  const events: NetworkEvent[] = [];
  const alone: PrivateMessage[] = [];
  const reasons: string[] = [];
  const degradedNow = new Map<string | null, string>();
  const drops: string[] = [];
  const logged: string[] = [];
  const attached = channels.map((channel) =>
    typeof channel === 'string' ? { address: channel, options: {} } : channel,
  );
  return {
    name,
    log: recordingLog(logged),
    flood: { burst: 4, perSecond: 0.4 },
    channels: () => attached,
    events,
    private: alone,
    addressed: (message) => void alone.push(message),
    reasons,
    degradedNow,
    drops,
    dropped: (reason) => void drops.push(reason),
    logged,
    async receive(event) {
      events.push(event);
    },
    degraded(channel, reason) {
      if (reason === null) degradedNow.delete(channel);
      else degradedNow.set(channel, reason);
      if (reason !== null) reasons.push(`${channel}: ${reason}`);
    },
    event: (match) => until(() => events.find(match), { what: 'an event', everyMs: 2 }),
    texts: (type = 'chat.message') => events.filter((event) => event.type === type).map(({ text }) => text),
  };
}

function recordingLog(logged: string[]): Logger {
  const write = (message: string, fields?: LogFields): void => {
    logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { error: write, warn: write, info: write, debug: write, child: () => recordingLog(logged) };
}

export interface Opened {
  readonly connection: Connection;
  readonly network: RecordingNetwork;
  readonly stop: () => Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;
type Place = { readonly host: string; readonly port: number };

/** Opens with short waits; closes after the test. */
export async function openIrc(
  t: ExecutionContext,
  server: Place,
  network: RecordingNetwork,
  fields: Fields = {},
): Promise<Opened> {
  const control = new AbortController();
  const connection = await irc.open(configFor(server, fields), network, control.signal);
  const stop = async (): Promise<void> => {
    control.abort();
    await connection.closed.catch(() => {});
  };
  t.teardown(stop);
  return { connection, network, stop };
}

export function configFor(server: Place, fields: Fields = {}) {
  return irc.config.parse({
    host: server.host,
    port: server.port,
    tls: false,
    nick: 'parley',
    rejoin: { delay: '50ms' },
    confirmGap: '50ms',
    ...fields,
  });
}

/** Opens against a scripted server; `peer` is the server's side. */
export async function openRaw(
  t: ExecutionContext,
  options: RawIrcOptions = {},
  fields: Fields = {},
  channels: readonly (string | Channel)[] = ['#quake'],
): Promise<Opened & { readonly peer: RawPeer }> {
  const server = await startRawIrc(t, options);
  const [opened, peer] = await Promise.all([
    openIrc(t, server, recordingNetwork(channels), fields),
    server.peer(),
  ]);
  return { ...opened, peer };
}

export function message(
  channel: string,
  text: string,
  fields: Partial<OutboundMessage> = {},
): OutboundMessage {
  return { channel, type: 'chat.message', text, part: { index: 0, count: 1 }, event: EVENT, ...fields };
}

const EVENT: ParleyEvent = {
  specversion: '1.0',
  id: '01JD0000000000000000000000',
  source: '/networks/test/channels/test',
  type: 'chat.message',
  subject: 'lobby',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: {
    author: { id: 'test:1', name: 'anna', verified: false },
    text: '',
    markup: 'plain',
    native: { id: null, channel: 'test' },
    replyTo: null,
    attachments: [],
    hops: [],
  },
};

/** The error that opening against such a server ends with. */
export async function failOf(
  t: ExecutionContext,
  options: RawIrcOptions,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Error> {
  const server = await startRawIrc(t, options);
  const stop = new AbortController().signal;
  return irc.open(configFor(server, fields), recordingNetwork(['#quake']), stop).then(
    () => new Error('opened'),
    (error: Error) => error,
  );
}

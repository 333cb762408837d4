import type {
  Bridge,
  Channel,
  Connection,
  Network,
  NetworkEvent,
  OutboundMessage,
  PrivateMessage,
} from '../../src/bridge.js';
import { silentLogger } from '../../src/log.js';
import type { TestContext } from './context.js';
import { until } from './wait.js';

// biome-ignore lint/suspicious/noExplicitAny: tests open bridges of every kind; each config comes from the bridge's own spec.
export type AnyBridge = Bridge<any, any>;

/** What the core would lend to a bridge: remembers what it was told. */
export class LentNetwork implements Network {
  readonly name = 'test';
  readonly log = silentLogger;
  readonly flood = { burst: 4, perSecond: 0.4 };
  readonly events: NetworkEvent[] = [];
  /** What was said to the bridge alone. */
  readonly private: PrivateMessage[] = [];
  /** Channel (or `null` for the network) → reason. */
  readonly complaints = new Map<string | null, string>();
  /** Reasons of what the bridge left out, in order. */
  readonly drops: string[] = [];
  readonly #channels: readonly Channel[];
  /** Runs on each event; what it throws refuses the event. */
  onReceive: (event: NetworkEvent) => void | Promise<void> = () => {};

  constructor(addresses: readonly string[]) {
    this.#channels = addresses.map((address) => ({ address, options: {} }));
  }

  channels(): readonly Channel[] {
    return this.#channels;
  }

  receive(event: NetworkEvent): Promise<void> {
    this.events.push(event);
    const stored = Promise.resolve().then(() => this.onReceive(event));
    stored.catch(() => {}); // as the core does: a bridge may ignore the promise
    return stored;
  }

  degraded(channel: string | null, reason: string | null): void {
    if (reason === null) this.complaints.delete(channel);
    else this.complaints.set(channel, reason);
  }

  dropped(reason: string): void {
    this.drops.push(reason);
  }

  addressed(message: PrivateMessage): void {
    this.private.push(message);
  }

  /** Chat lines so far; joins and the like left out. */
  get lines(): readonly NetworkEvent[] {
    return this.events.filter((event) => event.type === 'chat.message');
  }

  /** The first event with this text, waited for. */
  heard(text: string): Promise<NetworkEvent> {
    const what = `an event with the text ${JSON.stringify(text.slice(0, 80))}`;
    return until(() => this.events.find((event) => event.text === text), { what });
  }
}

export interface OpenBridge {
  readonly network: LentNetwork;
  readonly connection: Connection;
  readonly abort: AbortController;
  /** Aborts, and resolves when `closed` has. */
  close(): Promise<void>;
}

/** Opens a bridge as the supervisor does; it is closed after the test. */
export async function openBridge(
  t: TestContext,
  bridge: AnyBridge,
  settings: unknown,
  channels: readonly string[],
): Promise<OpenBridge> {
  const network = new LentNetwork(channels);
  const abort = new AbortController();
  const connection = await bridge.open(bridge.config.parse(settings), network, abort.signal);
  connection.closed.catch(() => {});
  const close = async () => {
    abort.abort();
    await connection.closed;
  };
  t.teardown(() => close().catch(() => {}));
  return { network, connection, abort, close };
}

let serial = 0;

/** One part that says `text`, as routing would hand it over. */
export function outbound(channel: string, text: string): OutboundMessage {
  const id = `01JTEST${String(++serial).padStart(19, '0')}`;
  const author = { id: 'test:elsewhere:nick:anna', name: 'anna', verified: false };
  const native = { id: null, channel: '#elsewhere' };
  const data = {
    author,
    text,
    markup: 'plain',
    native,
    replyTo: null,
    attachments: [],
    hops: ['elsewhere'],
  } as const;
  const event = {
    specversion: '1.0',
    id,
    source: '/networks/elsewhere/channels/=23elsewhere',
    type: 'chat.message',
    subject: 'lobby',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data,
  } as const;
  return { channel, type: 'chat.message', text, part: { index: 0, count: 1 }, event };
}

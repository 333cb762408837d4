import { readFile } from 'node:fs/promises';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  Events,
  type NatsConnection,
  type ServerInfo,
  type Status,
  type SubscriptionOptions,
} from 'nats';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { connectError } from './connect-error.js';
import { EarlySubscription, type Listening, listeningTo } from './early-subscription.js';
import type { BusAddress, BusOptions, BusState } from './types.js';

/** A publish that the server refused: it says so on the connection, not to the publish itself. */
export type DeniedListener = (subject: string) => void;

/**
 * One client connection that never gives up, with its state. It may begin without a server: what is subscribed then is
 * subscribed once there is one. A server that is reached is not `connected` before the log there is found good (`admit`).
 */
export class Connection {
  readonly #log: Logger;
  readonly #stateListeners = new Set<(state: BusState) => void>();
  readonly #deniedListeners: DeniedListener[] = [];
  readonly #early = new Set<EarlySubscription>();
  #nats: NatsConnection | null = null;
  #linked = false;
  #admitted = false;
  #state: BusState = 'reconnecting';

  /** With a connection: one whose log is good. */
  constructor(nats: NatsConnection | null, log: Logger) {
    this.#log = log;
    if (nats === null) return;
    this.link(nats);
    this.#admitted = true;
    this.#state = 'connected';
  }

  /** Throws BACKBONE_UNAVAILABLE before the first server is reached. */
  get nats(): NatsConnection {
    if (this.#nats !== null) return this.#nats;
    throw new ParleyError('BACKBONE_UNAVAILABLE', 'no nats-server was reached yet', {
      fix: 'See `parley status` for the reason; the gateway connects by itself.',
    });
  }

  get state(): BusState {
    return this.#state;
  }

  /** A server can be talked to, whatever its log is like. */
  get linked(): boolean {
    return this.#linked;
  }

  /** A server was reached since the start. */
  get wasLinked(): boolean {
    return this.#nats !== null;
  }

  /** What the server says of itself. Throws as `nats`. */
  get info(): Pick<ServerInfo, 'version' | 'jetstream'> {
    return this.nats.info ?? { version: '' };
  }

  /** Largest message that the server takes, bytes. */
  get maxPayload(): number {
    return this.#nats?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  /** The first server is reached. */
  link(nats: NatsConnection): void {
    if (this.#state === 'closed') {
      void nats.close();
      return;
    }
    this.#nats = nats;
    this.#linked = true;
    for (const early of this.#early) early.begin(nats);
    this.#early.clear();
    void this.#watch(nats);
    void nats.closed().then((error) => this.#ended(error));
  }

  /** The log is good: from now on the connection is `connected` whenever there is a server. */
  admit(): void {
    this.#admitted = true;
    if (this.#linked) this.#become('connected');
  }

  /** As `NatsConnection.subscribe`; without a server, once there is one. */
  subscribe(subject: string, options: SubscriptionOptions): Listening {
    if (this.#nats !== null) return listeningTo(this.#nats.subscribe(subject, options));
    const early = new EarlySubscription(subject, options, () => this.#early.delete(early));
    this.#early.add(early);
    return early;
  }

  /** Returns what takes the listener away again. */
  onState(listener: (state: BusState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onDenied(listener: DeniedListener): void {
    this.#deniedListeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#nats === null) this.#become('closed');
    else await this.#nats.close();
  }

  async #watch(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) this.#heard(status);
  }

  #heard(status: Status): void {
    if (status.type === Events.Disconnect) {
      this.#linked = false;
      this.#become('reconnecting');
    } else if (status.type === Events.Reconnect) {
      this.#linked = true;
      if (this.#admitted) this.#become('connected');
    } else if (status.type === Events.Error) {
      this.#refused(status);
    } else {
      this.#log.debug('backbone', { event: status.type, data: String(status.data) });
    }
  }

  #refused(status: Status): void {
    const { operation, subject } = status.permissionContext ?? {};
    if (subject === undefined) {
      this.#log.error('the backbone reports an error', { reason: String(status.data) });
      return;
    }
    this.#log.error('the backbone denies a subject', { operation, subject });
    if (operation === 'publish') for (const listener of this.#deniedListeners) listener(subject);
  }

  #ended(error: unknown): void {
    if (error instanceof Error) this.#log.error('the backbone connection ended', { reason: error.message });
    this.#linked = false;
    this.#become('closed');
  }

  #become(state: BusState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#log.info('backbone state changed', { state, server: this.#nats?.getServer() ?? 'none' });
    for (const listener of this.#stateListeners) listener(state);
  }
}

/** What nats-server takes unless it is told otherwise. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/** Throws as `dial`; later losses only change the state. */
export async function openConnection(options: BusOptions, log: Logger): Promise<Connection> {
  return new Connection(await dial(options), log);
}

/** Tries each server once. Throws BACKBONE_UNAVAILABLE, BACKBONE_DENIED or BACKBONE_UNFIT. */
export async function dial({ address, name }: Pick<BusOptions, 'address' | 'name'>): Promise<NatsConnection> {
  try {
    return await connectFirst(await connectionOptions(address, name));
  } catch (error) {
    throw connectError(address, error);
  }
}

/**
 * Tries each server once. nats.js 2.29 alone would not: a server that refuses us names its neighbours first, these are
 * tried too, name it again, and so on for ever. So somebody knocks who does not listen to that.
 */
export async function connectFirst(options: ConnectionOptions): Promise<NatsConnection> {
  const knock = await connect({ ...options, ignoreClusterUpdates: true });
  await knock.close();
  return connect(options);
}

export async function connectionOptions(address: BusAddress, name: string): Promise<ConnectionOptions> {
  return {
    servers: [...address.servers],
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 50,
    // Credentials that are refused for a moment (a server being reconfigured) must not end us for good.
    ignoreAuthErrorAbort: true,
    // A frozen server is noticed only by pings: after two unanswered ones, 4–6 s.
    pingInterval: 2000,
    maxPingOut: 2,
    timeout: 5000,
    // A stack trace per request costs more than the request.
    noAsyncTraces: true,
    noRandomize: address.inOrder === true,
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { pass: address.password }),
    ...(address.token === undefined ? {} : { token: address.token }),
    ...(await credentialsOf(address)),
    ...tlsOf(address),
  };
}

async function credentialsOf(address: BusAddress): Promise<Partial<ConnectionOptions>> {
  if (address.credentials === undefined) return {};
  return { authenticator: credsAuthenticator(await readFile(address.credentials)) };
}

function tlsOf(address: BusAddress): Partial<ConnectionOptions> {
  const wanted = address.tls !== undefined || address.servers.some((server) => server.startsWith('tls://'));
  if (!wanted) return {};
  const { ca, cert, key } = address.tls ?? {};
  return {
    tls: {
      ...(ca === undefined ? {} : { caFile: ca }),
      ...(cert === undefined ? {} : { certFile: cert }),
      ...(key === undefined ? {} : { keyFile: key }),
    },
  };
}

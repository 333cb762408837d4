import { readFile } from 'node:fs/promises';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  ErrorCode,
  Events,
  type NatsConnection,
  NatsError,
  type Status,
} from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { BusAddress, BusOptions, BusState } from './types.js';

/** A publish that the server refused: it says so on the connection, not to the publish itself. */
export type DeniedListener = (subject: string) => void;

/** One client connection that never gives up, with its state. */
export class Connection {
  readonly nats: NatsConnection;
  readonly #log: Logger;
  readonly #stateListeners = new Set<(state: BusState) => void>();
  readonly #deniedListeners: DeniedListener[] = [];
  #state: BusState = 'connected';

  constructor(nats: NatsConnection, log: Logger) {
    this.nats = nats;
    this.#log = log;
    void this.#watch();
    void nats.closed().then((error) => this.#ended(error));
  }

  get state(): BusState {
    return this.#state;
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
    await this.nats.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) this.#heard(status);
  }

  #heard(status: Status): void {
    if (status.type === Events.Disconnect) {
      this.#become('reconnecting');
    } else if (status.type === Events.Reconnect) {
      this.#become('connected');
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
    this.#become('closed');
  }

  #become(state: BusState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#log.info('backbone state changed', { state, server: this.nats.getServer() });
    for (const listener of this.#stateListeners) listener(state);
  }
}

/** Throws BACKBONE_UNAVAILABLE or BACKBONE_DENIED when the first attempt fails; later losses only change the state. */
export async function openConnection(options: BusOptions, log: Logger): Promise<Connection> {
  const { address } = options;
  try {
    return new Connection(await connect(await connectionOptions(address, options.name)), log);
  } catch (error) {
    throw connectError(address, error);
  }
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

function connectError(address: BusAddress, error: unknown): ParleyError {
  const servers = address.servers.join(', ');
  if (error instanceof NatsError && AUTH_CODES.has(error.code)) {
    return new ParleyError('BACKBONE_DENIED', `${servers} refuses our credentials: ${error.message}`, {
      fix: 'Check user, password, token or credentials under "backbone" in the config.',
      cause: error,
    });
  }
  return new ParleyError('BACKBONE_UNAVAILABLE', `cannot reach ${servers}: ${reasonOf(error)}`, {
    fix: 'Check that a nats-server listens there and that nothing blocks the port.',
    cause: error,
  });
}

const AUTH_CODES: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AuthenticationTimeout,
  ErrorCode.AccountExpired,
]);

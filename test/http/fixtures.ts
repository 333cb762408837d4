/** A real HTTP server over a real bus; only the gateway between them is a small stand-in. */
import type { ExecutionContext } from 'ava';
import type { Bus } from '../../src/bus/index.js';
import type { HttpConfig, Scope } from '../../src/config/index.js';
import {
  createToken,
  type GatewayView,
  type HttpOptions,
  type HttpServer,
  type NetworkView,
  startHttp,
} from '../../src/http/index.js';
import { silentLogger } from '../../src/log.js';
import { Documents } from '../../src/remote/index.js';
import { traceEvent } from '../../src/trace/index.js';
import { openBus } from '../bus/fixtures.js';
import { type NatsPeer, startNats } from '../peers/nats.js';

export interface Stage {
  readonly nats: NatsPeer;
  readonly bus: Bus;
  readonly http: HttpServer;
  readonly config: HttpConfig;
  /** Of the token `tester` with every scope but admin. */
  readonly token: string;
  /** What /v1/networks tells; a test may change it. */
  readonly networks: NetworkView[];
  /** With the token; `init.headers` override. */
  request(path: string, init?: RequestInit): Promise<Response>;
  post(room: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface StageOptions extends Partial<Pick<HttpOptions, 'routes' | 'heartbeatMs'>> {
  readonly config?: Partial<HttpConfig>;
  readonly gateway?: Partial<GatewayView>;
  readonly rooms?: readonly string[];
  /** Used instead of new ones. */
  readonly nats?: NatsPeer;
  readonly bus?: Bus;
}

/** Everything is stopped at the end of the test. */
export async function openStage(t: ExecutionContext, options: StageOptions = {}): Promise<Stage> {
  const nats = options.nats ?? (await startNats(t));
  const bus = options.bus ?? (await openBus(t, nats.address));
  const { token, record } = createToken('tester', ['read', 'write', 'status']);
  const config: HttpConfig = {
    listen: { host: '127.0.0.1', port: null },
    tokens: [record],
    publicBind: false,
    ...options.config,
  };
  const networks: NetworkView[] = [];
  const documents = new Documents({ bus, log: silentLogger });
  await documents.start();
  t.teardown(() => documents.stop());
  const gateway = {
    ...standIn(bus, documents, options.rooms ?? ['lobby', 'quake'], networks),
    ...options.gateway,
  };
  const { routes = [], heartbeatMs = 15_000 } = options;
  const http = await startHttp({ config, bus, gateway, log: silentLogger, routes, heartbeatMs });
  t.teardown(() => http.stop(1_000));
  const request = (path: string, init: RequestInit = {}) =>
    fetch(http.address + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  return {
    nats,
    bus,
    http,
    config,
    token,
    networks,
    request,
    post: (room, body, headers = {}) =>
      request(`/v1/rooms/${encodeURIComponent(room)}/messages`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  };
}

function standIn(
  bus: Bus,
  documents: Documents,
  rooms: readonly string[],
  networks: readonly NetworkView[],
): GatewayView {
  const channel = {
    network: 'quakenet',
    channel: '#lobby',
    direction: 'both',
    options: { key: 'secret' },
  } as const;
  return {
    hasRoom: (room) => rooms.includes(room),
    hasNetwork: (network) => network === 'quakenet',
    operate: async (errand, who) => ({ ...errand, who }),
    rooms: () => rooms.map((name) => ({ name, channels: [channel] })),
    networks: async () => networks,
    members: () => [
      {
        name: 'alice',
        network: 'quakenet',
        channel: '#lobby',
        rank: 'operator',
        bot: false,
        at: '2026-11-20T20:42:00.123Z',
      },
    ],
    node: () => ({ gateway: 'test', node: null }),
    say: (event) => bus.store(event),
    replay: async () => {},
    gateways: async () => [],
    documents,
    desk: () => null,
    command: async (line, { author, admin }) => ({
      refused: line === 'no',
      lines: [`${author.id} ${admin} ${line}`],
    }),
    trace: (event) => traceEvent(bus, event, rooms),
  };
}

export function network(changes: Partial<NetworkView> = {}): NetworkView {
  return {
    network: 'quakenet',
    bridge: 'irc',
    state: 'connected',
    since: '2026-11-20T20:42:00.123Z',
    reason: null,
    retryAt: null,
    degraded: {},
    lag: 0,
    queued: 0,
    counters: { received: 1, dropped: {} },
    ...changes,
  };
}

/** The token and what the config must hold for it. */
export function tokenWith(name: string, ...scopes: readonly Scope[]) {
  const { token, record } = createToken(name, scopes);
  return { record, headers: { authorization: `Bearer ${token}` }, token };
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly fix?: string;
  readonly [member: string]: unknown;
}

/** Asserts the shape of RFC 9457 and gives the problem. */
export async function problemIn(
  t: ExecutionContext,
  response: Response,
  status: number,
): Promise<ProblemBody> {
  t.is(response.status, status);
  t.regex(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const body = (await response.json()) as ProblemBody;
  t.is(body.status, status);
  t.regex(body.type, /^urn:parley:problem:[a-z-]+$/);
  t.truthy(body.title);
  t.truthy(body.detail);
  t.truthy(body.fix);
  return body;
}

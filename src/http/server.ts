import { join } from 'node:path';
import websocket from '@fastify/websocket';
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import type { Bus } from '../bus/index.js';
import type { HttpConfig } from '../config/index.js';
import type { Logger } from '../log.js';
import { signerOf } from '../remote/index.js';
import { guard } from './access.js';
import { addAnswers, answerFault } from './answers.js';
import { acceptBodies } from './bodies.js';
import { consoleRoutes } from './console.js';
import { type Grants, openGrants } from './grants.js';
import { addHeaders } from './headers.js';
import { addRateLimit, BODY_LIMIT_BYTES, RateLimiter, rateLimitOf } from './limits.js';
import { listen } from './listen.js';
import { answerClientError } from './malformed.js';
import { addOpenApi } from './openapi.js';
import { addApiRoutes } from './routes/index.js';
import { Streams } from './stream/index.js';
import type { GatewayView } from './view.js';

export interface HttpOptions {
  readonly config: HttpConfig;
  readonly bus: Bus;
  readonly gateway: GatewayView;
  readonly log: Logger;
  /** Where the hashes of tokens are kept for a start while the backbone is away; null: nowhere. */
  readonly tokenCache?: string | null;
  /**
   * Routes of other rooms. Each of their routes names its scope in `config.scope` and finds its caller with
   * `grantOf(request)`; errors thrown as HttpProblem or ParleyError become problem+json.
   */
  readonly routes?: readonly FastifyPluginAsync[];
  /** Directory of the console's files. Default: where the build puts them. */
  readonly consoleFiles?: string;
  /** Between two signs of life on a silent stream. Default 15,000. */
  readonly heartbeatMs?: number;
}

const CONSOLE_FILES = join(import.meta.dirname, '../../page');

export interface HttpServer {
  /** `http://127.0.0.1:8088`. */
  readonly address: string;
  /** Ends the streams, finishes requests under way, closes. What is not done after `graceMs` is cut off. */
  stop(graceMs: number): Promise<void>;
  /** Takes over tokens, rate limit and origins of a reloaded config; `listen` needs a restart. */
  update(config: HttpConfig): void;
}

/** What a reload can change. */
interface Policy {
  readonly grants: Grants;
  readonly limiter: RateLimiter;
  origins: readonly string[];
  sign: ((bytes: Buffer) => string) | null;
}

/** Resolves once it listens. Throws ParleyError PORT_TAKEN or CONFIG_INVALID. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { config, bus, log } = options;
  const grants = await openGrants(config.tokens, bus, log, options.tokenCache ?? null);
  const policy: Policy = {
    grants,
    limiter: new RateLimiter(rateLimitOf(config)),
    origins: config.cors ?? [],
    sign: signOf(config),
  };
  const streams = new Streams(bus, log, options.heartbeatMs ?? 15_000);
  grants.onRevoked((grant) => streams.revoke(grant));
  const app = createApp(log);
  const close = async () => {
    streams.end();
    await Promise.all([app.close(), streams.stop(), grants.stop()]);
  };
  try {
    await build(app, options, policy, streams);
    const address = await listen(app, config);
    log.info('HTTP API is open', { address });
    return {
      address,
      stop: (graceMs) => closeWithin(graceMs, close, () => cutOff(app, streams)),
      update: (changed) => update(policy, changed),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function update(policy: Policy, config: HttpConfig): void {
  policy.grants.update(config.tokens);
  policy.limiter.limit = rateLimitOf(config);
  policy.origins = config.cors ?? [];
  policy.sign = signOf(config);
}

function signOf({ signingKey }: HttpConfig): Policy['sign'] {
  return signingKey === undefined ? null : signerOf(signingKey);
}

function createApp(log: Logger): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // A request must have come whole within this time; answers, and so streams, may last.
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    // A body means what it says: "5" is no number, and an unknown property is a mistake worth telling.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allowUnionTypes: true } },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => answerFault(error, request, reply, log),
  });
}

/** The order counts: what is added first sees a request first. */
async function build(
  app: FastifyInstance,
  options: HttpOptions,
  policy: Policy,
  streams: Streams,
): Promise<void> {
  const { bus, gateway, log, routes = [] } = options;
  const { grants, limiter } = policy;
  // Answers are JSON already, or small: compiled serializers would drop what a schema does not name.
  app.setSerializerCompiler(() => JSON.stringify);
  acceptBodies(app);
  await app.register(websocket, { options: { maxPayload: 4096, handleProtocols: chooseProtocol } });
  addAnswers(app, log);
  addHeaders(app, () => policy.origins);
  guard(app, grants);
  addRateLimit(app, limiter);
  await addOpenApi(app);
  if (options.config.console !== false) consoleRoutes(app, options.consoleFiles ?? CONSOLE_FILES);
  addApiRoutes(app, { bus, gateway, grants, streams, sign: () => policy.sign });
  for (const plugin of routes) await app.register(plugin);
}

/** The token that is offered beside `bearer` must not come back in the answer. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has('bearer') ? 'bearer' : false;
}

async function closeWithin(graceMs: number, close: () => Promise<void>, cut: () => void): Promise<void> {
  const timer = setTimeout(cut, graceMs);
  await close().finally(() => clearTimeout(timer));
}

function cutOff(app: FastifyInstance, streams: Streams): void {
  streams.destroy();
  app.server.closeAllConnections();
}

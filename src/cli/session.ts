/** A command's view of the running gateway: the config it was started with and a connection to its backbone. */
import type { Bus, BusAddress, BusOptions } from '../bus/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { CommonOptions, Io } from './command.js';
import { configSource, loadFrom } from './config-source.js';

const CLOSE_GRACE_MS = 2000;
const ASK_MS = 5000;

export interface Session {
  readonly config: ParleyConfig;
  readonly bus: Bus;
  /** Asks the gateway of this config; throws GATEWAY_NOT_RUNNING when it does not answer. */
  ask<Answer>(verb: string, body: unknown, timeoutMs?: number): Promise<Answer>;
}

/** Connects, runs `work`, and closes the connection whatever happens. */
export async function withSession<Result>(
  io: Io,
  options: CommonOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { user } = io.context;
  const config = await readConfig(io, options);
  const address = await addressOf(config);
  const { prefix, history } = config;
  const bus = await connect(config, { address, prefix, history, name: `parley cli ${user}` });
  try {
    return await work({ config, bus, ask: (verb, body, ms) => askGateway(io, config, bus, verb, body, ms) });
  } finally {
    await bus.close(CLOSE_GRACE_MS);
  }
}

/** Asks the gateway of this config without touching the log, which may have no leader. Throws as `ask`. */
export async function askWithoutLog<Answer>(
  io: Io,
  options: CommonOptions,
  verb: string,
  body: unknown,
): Promise<Answer> {
  const config = await readConfig(io, options);
  const { openCaller } = await import('../bus/index.js');
  const caller = await openCaller({ address: await addressOf(config), prefix: config.prefix });
  try {
    return await askGateway(io, config, caller, verb, body);
  } finally {
    await caller.close();
  }
}

export async function readConfig({ context }: Io, options: CommonOptions): Promise<ParleyConfig> {
  const source = configSource(context, options);
  const { config } = await loadFrom(context, source);
  return config;
}

/** Where the backbone of a running gateway is. Throws GATEWAY_NOT_RUNNING. */
export async function addressOf(config: ParleyConfig): Promise<BusAddress> {
  if (config.backbone !== null) return config.backbone;
  const { readNodeAddress } = await import('../node/index.js');
  const address = config.node === null ? null : await readNodeAddress(config.node.store);
  if (address !== null) return address;
  throw notRunning(`No gateway runs with the store ${config.node?.store}.`);
}

/** A node that died without clearing its address is a gateway that does not run. */
async function connect({ node }: ParleyConfig, options: BusOptions): Promise<Bus> {
  const [{ connectBus }, { silentLogger }] = await Promise.all([
    import('../bus/index.js'),
    import('../log.js'),
  ]);
  try {
    return await connectBus(options, silentLogger);
  } catch (error) {
    if (node === null || !isUnavailable(error)) throw error;
    const servers = options.address.servers.join(', ');
    if (!/CONNECTION_REFUSED/.test(reasonOf(error))) throw hangs(servers, error);
    throw notRunning(`Nothing listens at ${servers}, where the node was.`, error);
  }
}

async function askGateway<Answer>(
  { context }: Io,
  config: ParleyConfig,
  bus: Pick<Bus, 'request'>,
  verb: string,
  body: unknown,
  timeoutMs = ASK_MS,
): Promise<Answer> {
  const name = config.node?.name ?? config.backbone?.name ?? context.host;
  try {
    return await bus.request<Answer>(['gateway', name, verb], body, timeoutMs);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw notRunning(`The gateway "${name}" does not answer on the backbone.`, error);
  }
}

/** It is there and says nothing: frozen, or at a standstill of its own (nats-server 2.9 does that on a full disk). */
function hangs(servers: string, cause: unknown): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `The nats-server at ${servers} does not answer.`, {
    fix: 'See that its disk is not full. If it stays so, `kill -9` it (pid in node.json of the store): the gateway starts it again.',
    cause,
  });
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE';
}

/** The backbone is away, or there and of no use. */
export function isOfBackbone(error: unknown): boolean {
  return error instanceof ParleyError && error.code.startsWith('BACKBONE_');
}

function notRunning(message: string, cause?: unknown): ParleyError {
  return new ParleyError('GATEWAY_NOT_RUNNING', message, {
    fix: 'Start it with `parley start` (or `npm start`), with the same config as this command.',
    cause,
  });
}

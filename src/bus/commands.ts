/**
 * Commands as NATS micro services (nats-architecture-and-design ADR-32): an endpoint with the subject
 * `{prefix}.command.{name}` is a command, whatever the service is called and whatever it is written in. Its metadata says
 * how it is used and who may.
 */
import {
  JSONCodec,
  type Msg,
  type NatsConnection,
  RequestStrategy,
  type Service,
  type ServiceInfo,
  type ServiceMsg,
} from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { isUnanswered } from './api-errors.js';
import type { Connection } from './connection.js';
import type { Subjects } from './subjects.js';
import type { Commands, Subscription } from './types.js';

export interface ServedCommand {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Throws a ParleyError, or an Error whose message is for the caller. */
  readonly handler: (body: unknown) => Promise<unknown>;
}

export interface FoundCommand {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Name of the service that has it. */
  readonly service: string;
}

/** What a service answered: JSON, or text where it is none. */
export type CommandAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/** Answers that come later are not waited for: a service that is there answers within milliseconds. */
const FIND_MS = 1000;
const LULL_MS = 250;
const SERVICE = 'parley-control';
const SERVICE_ERROR = 'Nats-Service-Error';
const MAX_FOUND = 10_000;
const codec = JSONCodec<unknown>();

/** See `Bus.commands`. */
export function commandsOn(connection: Connection, subjects: Subjects, log: Logger): Commands {
  return {
    serve: (version, commands) => serveCommands(connection, subjects, version, commands, log),
    find: async () => findCommands(connection.nats, subjects),
    call: async (name, body, timeoutMs) => callCommand(connection.nats, subjects, name, body, timeoutMs),
  };
}

/** Begins once a server is reached; the client makes the subscriptions again after each reconnect. */
function serveCommands(
  connection: Connection,
  subjects: Subjects,
  version: string,
  commands: readonly ServedCommand[],
  log: Logger,
): Subscription {
  let service: Promise<Service> | null = null;
  const begin = (): void => {
    service ??= offer(connection.nats, subjects, version, commands, log);
    service.catch((error: unknown) => log.error('commands are not offered', { reason: reasonOf(error) }));
  };
  const forget = connection.onState((state) => {
    if (state === 'connected') begin();
  });
  if (connection.state === 'connected') begin();
  return {
    closed: new Promise(() => {}),
    stop: async () => {
      forget();
      await (await service)?.stop();
    },
  };
}

async function offer(
  nats: NatsConnection,
  subjects: Subjects,
  version: string,
  commands: readonly ServedCommand[],
  log: Logger,
): Promise<Service> {
  const service = await nats.services.add({
    name: SERVICE,
    version,
    description: 'Commands of a Parley gateway',
    queue: subjects.answerers,
  });
  for (const command of commands) addEndpoint(service, subjects, command, log);
  return service;
}

function addEndpoint(service: Service, subjects: Subjects, command: ServedCommand, log: Logger): void {
  service.addEndpoint(command.name, {
    subject: subjects.command(command.name),
    metadata: { ...command.metadata },
    handler: (error, message) => {
      if (error === null) void answer(message, command, log);
      else log.error('cannot serve a command', { command: command.name, reason: error.message });
    },
  });
}

/** Never rejects: nats neither awaits nor catches its callbacks. */
async function answer(message: ServiceMsg, { name, handler }: ServedCommand, log: Logger): Promise<void> {
  try {
    message.respond(codec.encode(await handler(codec.decode(message.data))));
  } catch (error) {
    log.debug('a command failed', { command: name, reason: reasonOf(error) });
    message.respondError(error instanceof ParleyError ? 400 : 500, headerText(reasonOf(error)));
  }
}

/** A header is one line. */
function headerText(text: string): string {
  return text.replaceAll(/[\r\n\0]+/g, ' ').slice(0, 1000);
}

/** All commands that services offer now, each name once: the first that answers. */
async function findCommands(nats: NatsConnection, subjects: Subjects): Promise<readonly FoundCommand[]> {
  const found = new Map<string, FoundCommand>();
  const options = { strategy: RequestStrategy.JitterTimer, maxWait: FIND_MS, jitter: LULL_MS };
  try {
    for await (const message of await nats.requestMany('$SRV.INFO', '', options)) {
      for (const command of commandsIn(message, subjects)) {
        if (!found.has(command.name) && found.size < MAX_FOUND) found.set(command.name, command);
      }
    }
  } catch (error) {
    // Nobody offers any.
    if (!isUnanswered(error)) throw error;
  }
  return [...found.values()];
}

function commandsIn(message: Msg, subjects: Subjects): readonly FoundCommand[] {
  let info: Partial<ServiceInfo>;
  try {
    info = codec.decode(message.data) as Partial<ServiceInfo>;
  } catch {
    return [];
  }
  if (!Array.isArray(info?.endpoints) || typeof info.name !== 'string') return [];
  return info.endpoints.flatMap((endpoint) => {
    const name = typeof endpoint?.subject === 'string' ? subjects.commandOf(endpoint.subject) : null;
    return name === null ? [] : [{ name, service: String(info.name), metadata: textsOf(endpoint.metadata) }];
  });
}

function textsOf(metadata: unknown): Readonly<Record<string, string>> {
  if (typeof metadata !== 'object' || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value === 'string'));
}

/** Throws BACKBONE_UNAVAILABLE when nobody answers in time. */
async function callCommand(
  nats: NatsConnection,
  subjects: Subjects,
  name: string,
  body: unknown,
  timeoutMs: number,
): Promise<CommandAnswer> {
  const message = await nats
    .request(subjects.command(name), codec.encode(body), { timeout: timeoutMs })
    .catch((error: unknown) => {
      throw new ParleyError('BACKBONE_UNAVAILABLE', `command ${name}: ${reasonOf(error)}`, {
        fix: 'Check that the program that offers the command runs.',
        cause: error,
      });
    });
  const fault = message.headers?.get(SERVICE_ERROR) ?? '';
  return fault === '' ? { ok: true, body: bodyOf(message) } : { ok: false, reason: fault };
}

function bodyOf(message: Msg): unknown {
  const text = new TextDecoder().decode(message.data);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

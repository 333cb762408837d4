/** A complete bridge in one file: HTTP in both directions. docs/bridge-author.md walks through it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, request as plainRequest, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import {
  type Bridge,
  type Connection,
  DeliveryError,
  durationField,
  field,
  hostField,
  type Network,
  type OutboundMessage,
  PermanentError,
  portField,
  secretField,
} from '../../src/bridge.js';

const MAX_BODY_BYTES = 64 * 1024;
/** No connection was made, so nothing was sent. */
const NOT_SENT = ['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'];
const BUSY = [429, 503];

const config = field.strictObject({
  host: hostField('Address to listen on.').default('127.0.0.1'),
  port: portField('Port to listen on for `POST /`.'),
  url: field.url({ protocol: /^https?$/ }).meta({ description: 'Where messages are sent to, by POST.' }),
  secret: secretField('Shared by both sides, as `Authorization: Bearer …`.').min(16),
  timeout: durationField('Longest wait for an answer.').prefault('10s'),
});
type WebhookConfig = typeof config._output;

const incoming = field.object({
  id: field.string().min(1).max(200).optional(),
  channel: field.string(),
  author: field.string().min(1).max(100),
  text: field
    .string()
    .min(1)
    .max(32 * 1024),
});

const webhook: Bridge<WebhookConfig> = {
  kind: 'webhook',
  capabilities: {
    maxBytes: 32 * 1024,
    markup: 'plain',
    multiline: true,
    edits: false,
    replies: false,
    echoes: false,
    inFlight: 1, // the next POST starts when the last is answered: that keeps the order
    flood: { burst: 50, perSecond: 20 },
  },
  config,
  checkChannel: (channel) => (/^[\w-]+$/.test(channel) ? null : 'expected letters, digits, "-" and "_"'),
  open,
};
export default webhook;

async function open(settings: WebhookConfig, network: Network, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const server = createServer(async (request, response) => {
    const status = await accept(request, settings, network).catch(() => 400);
    response.writeHead(status).end();
  });
  await listen(server, settings);
  return {
    closed: closing(server, signal),
    deliver: (message) => deliver(message, settings, signal),
    attach: async () => {}, // `accept` asks for the channels each time
    detach: async () => {},
  };
}

function listen(server: Server, { host, port }: WebhookConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const fix = 'Choose a port above 1023.';
      reject(error.code === 'EACCES' ? new PermanentError(`may not listen on port ${port}`, { fix }) : error);
    });
    server.listen(port, host, resolve);
  });
}

/** Resolves after the abort. Requests in progress are cut: unanswered, the sender repeats them. */
function closing(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const close = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    server.once('error', reject);
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}

/** The status to answer with: 202 only once the event is stored. */
async function accept(request: IncomingMessage, settings: WebhookConfig, network: Network): Promise<number> {
  if (request.method !== 'POST') return 405;
  if (!mayEnter(request, settings.secret)) return 401;
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) return 411;
  if (length > MAX_BODY_BYTES) return 413; // Node reads no more than the announced length
  const parsed = incoming.safeParse(JSON.parse(await text(request)));
  if (!parsed.success) return 422;
  const { channel, author: name, id } = parsed.data;
  if (!network.channels().some(({ address }) => address === channel)) return 404;
  const author = { id: `webhook:${network.name}:name:${name}`, name, verified: false };
  const event = { type: 'chat.message' as const, channel, author, text: parsed.data.text };
  const stored = network.receive(id === undefined ? event : { ...event, nativeId: id });
  return stored.then(() => 202).catch(() => 503);
}

/** Hashing makes both sides equally long, which the comparison in constant time asks for. */
function mayEnter(request: IncomingMessage, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${secret}`));
}

async function deliver(message: OutboundMessage, settings: WebhookConfig, signal: AbortSignal) {
  const { channel, text, event } = message;
  const where = new URL(settings.url).host; // the rest of the URL may hold a token
  const status = await post(settings, JSON.stringify({ channel, text, event }), signal).catch((cause) => {
    const outcome = NOT_SENT.includes(cause.code) ? 'unavailable' : 'unknown';
    throw new DeliveryError(outcome, `${where}: ${cause.message}`, { cause });
  });
  if (status < 300) return { nativeId: null };
  const outcome = BUSY.includes(status) ? 'unavailable' : status >= 500 ? 'unknown' : 'rejected';
  throw new DeliveryError(outcome, `${where} answered ${status}`);
}

function post({ url, secret, timeout }: WebhookConfig, body: string, signal: AbortSignal): Promise<number> {
  const send = url.startsWith('https:') ? secureRequest : plainRequest;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
  const end = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  return new Promise((resolve, reject) => {
    // Without keep-alive: on a connection that just died nobody could tell whether the message was sent.
    const request = send(url, { method: 'POST', agent: false, headers, signal: end }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('error', reject).end(body);
  });
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RunningPeer } from '../conformance.js';
import { freePorts, type TestContext } from '../peers/index.js';

export const SECRET = 'a secret of tests';

/** The other side of the webhook bridge: an HTTP server that hears, and a client that speaks. */
export interface WebhookPeer extends RunningPeer {
  /** Answers with this status from now on. */
  answer(status: number): void;
  /** Sends a body as it is; resolves to the status. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<number>;
}

export async function startWebhookPeer(t: TestContext): Promise<WebhookPeer> {
  const heard: string[] = [];
  let status = 204;
  const [bridgePort = 0] = await freePorts(1);
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(async (request, response) => {
      heard.push(JSON.parse(await text(request)).text);
      response.writeHead(status).end();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const kill = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  t.teardown(() => (server.listening ? kill() : undefined));
  const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    send(bridgePort, body, headers);
  return {
    channel: 'lobby',
    config: () => ({ port: bridgePort, url: `http://127.0.0.1:${port}/hook`, secret: SECRET, timeout: '2s' }),
    say: async (line) => {
      const answer = await post(JSON.stringify({ channel: 'lobby', author: 'anna', text: line }));
      if (answer !== 202) throw new Error(`the bridge answered ${answer}`);
    },
    heard: () => heard,
    kill,
    restart: async () => {
      server = await listen(port);
    },
    answer: (next) => {
      status = next;
    },
    post,
  };
}

async function send(port: number, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${SECRET}`, ...headers },
  });
  return response.status;
}

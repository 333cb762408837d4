import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below what Linux gives to outgoing connections and to a bind without a port (32768 and up): those never take one. */
const FIRST = 12_000;
const COUNT = 20_000;

/**
 * Ports of 127.0.0.1 that were free a moment ago, all different, chosen at random so that processes which choose at the
 * same moment do not meet. Another program may still take one before the server does, so whoever starts a server must
 * prove that it answers. A server that is away for a moment finds its port free again.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

async function listen(): Promise<Server> {
  for (;;) {
    const server = await listenAt(FIRST + randomInt(COUNT));
    if (server !== null) return server;
  }
}

/** Null: the port is taken. */
function listenAt(port: number): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

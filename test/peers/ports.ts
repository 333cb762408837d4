import { createServer, type Server } from 'node:net';

/**
 * Ports of 127.0.0.1 that were free a moment ago, chosen by the system, all different.
 * Another process may take one before the server does, so whoever starts a server must prove that it answers and
 * otherwise try again with other ports. Linux gives odd ports to a bind and even ones to an outgoing connection,
 * so a server that is away for a moment finds its port free again.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
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

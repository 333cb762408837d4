/** Opens the port, or says why not. */
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';

/** The address that it listens on: `http://127.0.0.1:8088`. Throws ParleyError PORT_TAKEN or CONFIG_INVALID. */
export async function listen(app: FastifyInstance, config: HttpConfig): Promise<string> {
  const { host, port } = config.listen;
  if (!isLoopback(host) && !config.publicBind)
    throw new ParleyError('CONFIG_INVALID', `http.listen: ${host} is reachable from outside, without TLS`, {
      fix: 'Listen on 127.0.0.1 behind a proxy that ends TLS, or set http.publicBind: true.',
    });
  try {
    await app.listen({ host, port: port ?? 0 });
  } catch (error) {
    throw refused(`${host}:${port ?? 0}`, error);
  }
  return addressOf(app, host);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function addressOf(app: FastifyInstance, host: string): string {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the HTTP server has no port');
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
}

const FIXES: Readonly<Record<string, readonly [string, string]>> = {
  EADDRINUSE: ['is in use by another program', 'Stop that program, or give http.listen another port.'],
  EACCES: ['may not be opened by this user', 'Give http.listen a port above 1023.'],
  EADDRNOTAVAIL: ['is not an address of this machine', 'Give http.listen an address of this machine.'],
  ENOTFOUND: ['is not a known host', 'Give http.listen an IP address of this machine.'],
};

function refused(where: string, error: unknown): ParleyError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [what, fix] = FIXES[code] ?? [`cannot be opened: ${reasonOf(error)}`, 'Change http.listen.'];
  return new ParleyError('PORT_TAKEN', `http.listen: ${where} ${what}`, { fix, cause: error });
}

/** Headers that every answer carries, and cross-origin access for the origins that the config lists. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A route that serves pages sets its own Content-Security-Policy over this one, which allows nothing. */
const SECURITY: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** `origins` may be changed later. */
export function addHeaders(app: FastifyInstance, origins: () => readonly string[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY);
    const allowed = origins();
    if (allowed.length === 0) return done();
    allowOrigin(request, reply, allowed);
    if (!isPreflight(request)) return done();
    reply.code(204).headers(PREFLIGHT).send();
  });
}

const PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id',
  'access-control-max-age': '600',
};

function allowOrigin(request: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): void {
  reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !allowed.includes(origin)) return;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-expose-headers', 'ETag, Link, Retry-After');
}

function isPreflight(request: FastifyRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

/** Who may do what: every route names a scope, and no request reaches a handler without it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { allows, allowsSome, type Grant, type Grants } from './grants.js';
import { HttpProblem } from './problem.js';

/**
 * `read` and `write` are also met by `read:{room}` and `write:{room}` when the path has a `:room`; `read:some` and
 * `write:some` by that access to any room, and then the handler looks closer. `any`: any valid token. `none`: open to everybody.
 */
export type RouteScope = 'none' | 'read' | 'read:some' | 'write' | 'write:some' | 'status' | 'admin' | 'any';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: RouteScope;
    /** The path can be upgraded to a WebSocket. */
    upgrade?: boolean;
  }
  interface FastifyRequest {
    /** Set before the handler of every route whose scope is not `none`. */
    grant: Grant | null;
  }
}

/** Checks tokens on every route of `app`; a route that names no scope makes the start fail. */
export function guard(app: FastifyInstance, grants: Grants): void {
  app.decorateRequest('grant', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.scope === undefined)
      throw new Error(`route ${String(route.method)} ${route.url} names no scope: add config.scope`);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      admit(request, grants);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The caller of a guarded route. */
export function grantOf(request: FastifyRequest): Grant {
  if (request.grant === null) throw new Error(`${request.url} was reached without a token`);
  return request.grant;
}

/** The caller of an open route, when there is a valid token. */
export function optionalGrant(request: FastifyRequest, grants: Grants): Grant | null {
  const token = bearerOf(request);
  return token === null ? null : grants.find(token);
}

function admit(request: FastifyRequest, grants: Grants): void {
  const { scope = 'none', upgrade = false } = request.routeOptions.config;
  // 426 would promise that an upgrade helps; here the request is fine without one.
  if (request.ws && !upgrade && !request.is404)
    throw new HttpProblem('UPGRADE_UNKNOWN', 'This resource cannot be upgraded.', {
      fix: 'Send the request without the Upgrade header.',
    });
  if (scope === 'none') return;
  const grant = identify(request, grants);
  const room = (request.params as { readonly room?: string }).room ?? null;
  const [verb = '', some] = scope.split(':');
  if (!(scope === 'any' || (some ? allowsSome(grant, verb) : allows(grant, verb, room))))
    throw lacking(grant, verb, room);
  request.grant = grant;
}

function identify(request: FastifyRequest, grants: Grants): Grant {
  const token = bearerOf(request);
  if (token === null)
    throw new HttpProblem('TOKEN_MISSING', 'This resource needs a bearer token.', {
      fix: 'Make one with "parley token create" and send Authorization: Bearer <token>.',
      headers: { 'www-authenticate': 'Bearer realm="parley"' },
    });
  const grant = grants.find(token);
  if (grant !== null) return grant;
  if (!grants.complete)
    throw new HttpProblem(
      'TOKENS_UNKNOWN',
      'The backbone is away, and which tokens are valid is not known yet.',
      {
        fix: 'Ask again later. Tokens that stand in the config are known always.',
        headers: { 'retry-after': '5' },
      },
    );
  throw new HttpProblem('TOKEN_UNKNOWN', 'The token is not valid, or was revoked.', {
    fix: 'See "parley token list"; make a new one with "parley token create".',
    headers: { 'www-authenticate': 'Bearer realm="parley", error="invalid_token"' },
  });
}

function lacking(grant: Grant, verb: string, room: string | null): HttpProblem {
  const narrow = room !== null && (verb === 'read' || verb === 'write');
  const scope = narrow ? `${verb}:${room}` : verb;
  const choice = narrow ? `"${verb}" or "${scope}"` : `"${verb}"`;
  return new HttpProblem('SCOPE_MISSING', `Token ${grant.name} has no scope ${choice}.`, {
    fix: 'Use a token with that scope: "parley token create --scope …".',
    headers: { 'www-authenticate': `Bearer realm="parley", error="insufficient_scope", scope="${verb}"` },
    members: { scope },
  });
}

const BEARER = /^bearer +([\x21-\x7e]{1,512})$/i;
const OFFER = /^bearer *, *([\x21-\x7e]{1,512})$/;

/**
 * From `Authorization: Bearer`; on a WebSocket also from `Sec-WebSocket-Protocol: bearer, <token>`, the one header
 * that a browser can set. Never from the query: URLs end in logs, histories and Referer headers.
 */
function bearerOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1] ?? null;
  const offer = request.ws ? request.headers['sec-websocket-protocol'] : undefined;
  return (offer && OFFER.exec(offer)?.[1]) ?? null;
}

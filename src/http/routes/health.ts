/** GET /healthz: the process runs. GET /readyz: it does its work. */
import type { FastifyInstance } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { optionalGrant } from '../access.js';
import { allows, type Grants } from '../grants.js';
import { HttpProblem } from '../problem.js';
import { type Readiness, ReadinessProbe } from '../readiness.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';

export function healthRoutes(app: FastifyInstance, gateway: GatewayView, bus: Bus, grants: Grants): void {
  app.get('/healthz', { config: { scope: 'none' }, schema: LIVE }, async () => ({ status: 'ok' }));
  const probe = new ReadinessProbe(bus, gateway);
  app.get('/readyz', { config: { scope: 'none' }, schema: READY }, async (request) => {
    const readiness = await probe.ask();
    const grant = optionalGrant(request, grants);
    const details = grant !== null && allows(grant, 'status', null) ? detailsOf(readiness) : {};
    if (readiness.ready) return { status: 'ready', ...details };
    throw new HttpProblem('NOT_READY', 'Not everything works now.', {
      fix: 'Ask with a token of scope status for the failing checks, or run "parley status".',
      headers: { 'retry-after': '2' },
      members: details,
    });
  });
}

function detailsOf({ checks, gateway, node }: Readiness): Readonly<Record<string, unknown>> {
  return { checks, gateway, node };
}

const CHECK = {
  type: 'object',
  required: ['name', 'ok', 'detail'],
  properties: { name: { type: 'string' }, ok: { type: 'boolean' }, detail: { type: 'string' } },
};
const LIVE = {
  operationId: 'isAlive',
  summary: 'Liveness: the process runs',
  security: [],
  response: {
    200: {
      description: 'It runs.',
      type: 'object',
      required: ['status'],
      properties: { status: { type: 'string', enum: ['ok'] } },
    },
    ...schemas.problems(429),
  },
};
const READY = {
  operationId: 'isReady',
  summary: 'Readiness: backbone, outbox and every network work',
  description: 'The checks are told to tokens with the scope status only.',
  security: [{}, { bearer: [] }],
  response: {
    200: {
      description: 'All works.',
      type: 'object',
      required: ['status'],
      properties: {
        status: { type: 'string', enum: ['ready'] },
        checks: { type: 'array', items: CHECK },
        gateway: { type: 'string' },
        node: { type: ['object', 'null'] },
      },
    },
    ...schemas.problems(429, 503),
  },
};

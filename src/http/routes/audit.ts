/** GET /v1/audit: who did what, newest first. */
import type { FastifyInstance } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { numbersIn } from '../numbers.js';
import * as schemas from '../schemas.js';

interface AuditRoute {
  Querystring: { limit?: number; before?: number };
}

export function auditRoute(app: FastifyInstance, bus: Bus): void {
  app.get<AuditRoute>(
    '/v1/audit',
    { config: { scope: 'admin' }, schema: SCHEMA, preValidation: numbersIn('limit', 'before') },
    async ({ query }) => {
      const { limit = 50, before } = query;
      const acts = await bus.audit.list(limit, before);
      return {
        acts: acts
          .toReversed()
          .map(({ sequence, act }) => ({ ...(isRecord(act) ? act : { act }), sequence })),
      };
    },
  );
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const SCHEMA = {
  operationId: 'listAudit',
  summary: 'Privileged acts, the newest first',
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
      before: { type: 'integer', minimum: 1, description: 'Exclusive: the sequence of an act.' },
    },
  },
  response: {
    200: {
      description: 'For the next page: `before` the last sequence.',
      type: 'object',
      required: ['acts'],
      properties: { acts: { type: 'array', items: { type: 'object', additionalProperties: true } } },
    },
    ...schemas.problems(400, 401, 403, 429, 503),
  },
};

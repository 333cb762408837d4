/** GET /v1/audit: who did what, newest first. */
import type { FastifyInstance } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { numbersIn } from '../numbers.js';
import * as schemas from '../schemas.js';

interface Sought {
  readonly by?: string;
  readonly action?: string;
  readonly target?: string;
}
interface AuditRoute {
  Querystring: { limit?: number; before?: number } & Sought;
}

const PAGE = 500;
/** Acts that one request looks at, at most: the next goes on from there. */
const MOST = 10_000;

export function auditRoute(app: FastifyInstance, bus: Bus): void {
  app.get<AuditRoute>(
    '/v1/audit',
    { config: { scope: 'admin' }, schema: SCHEMA, preValidation: numbersIn('limit', 'before') },
    async ({ query }) => {
      const { limit = 50, before, ...sought } = query;
      if (Object.keys(sought).length > 0) return search(bus, sought, limit, before);
      const acts = await bus.audit.list(limit, before);
      return {
        acts: acts
          .toReversed()
          .map(({ sequence, act }) => ({ ...(isRecord(act) ? act : { act }), sequence })),
      };
    },
  );
}

/** The newest acts that match, and where to go on. */
async function search(bus: Bus, sought: Sought, limit: number, before?: number): Promise<object> {
  const acts: object[] = [];
  let next = before;
  for (let looked = 0; looked < MOST; looked += PAGE) {
    const page = (await bus.audit.list(PAGE, next)).toReversed();
    for (const { sequence, act } of page) {
      next = sequence;
      if (isRecord(act) && matches(act, sought)) acts.push({ ...act, sequence });
      if (acts.length === limit) return { acts, next };
    }
    if (page.length < PAGE) return { acts, next: null };
  }
  return { acts, next };
}

function matches(act: Readonly<Record<string, unknown>>, { by, action, target }: Sought): boolean {
  const { actor, name } = act;
  if (by !== undefined && by !== actor && by !== name) return false;
  if (action !== undefined && action !== act.action) return false;
  return (
    target === undefined ||
    String(act.target ?? '')
      .toLowerCase()
      .includes(target.toLowerCase())
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
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
      by: { type: 'string', minLength: 1, description: 'Of this author id or name alone.' },
      action: { type: 'string', minLength: 1, description: '`ban`, `join`, `reload` … alone.' },
      target: { type: 'string', minLength: 1, description: 'What it was done to, or a part of that.' },
    },
  },
  response: {
    200: {
      description: 'For the next page: `before` the last sequence.',
      type: 'object',
      required: ['acts'],
      properties: {
        next: {
          type: ['integer', 'null'],
          description:
            'With `by`, `action` or `target`: `before` for what was not looked at yet; null: that is all.',
        },
        acts: { type: 'array', items: { type: 'object', additionalProperties: true } },
      },
    },
    ...schemas.problems(400, 401, 403, 429, 503),
  },
};

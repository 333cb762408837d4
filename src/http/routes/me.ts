/** GET /v1/me: what the token may do, for a page that shows only that. */
import type { FastifyInstance } from 'fastify';
import { grantOf } from '../access.js';
import * as schemas from '../schemas.js';

export function meRoute(app: FastifyInstance): void {
  app.get('/v1/me', { config: { scope: 'any' }, schema: SCHEMA }, async (request) => {
    const { name, scopes, author } = grantOf(request);
    return { name, author: author.id, scopes: [...scopes] };
  });
}

const SCHEMA = {
  operationId: 'me',
  summary: 'The token that asks, and its scopes',
  response: {
    200: {
      description: 'Never the token itself.',
      type: 'object',
      required: ['name', 'author', 'scopes'],
      properties: {
        name: { type: 'string' },
        author: { type: 'string', description: 'The author of what is said with it.' },
        scopes: { type: 'array', items: { type: 'string' } },
      },
    },
    ...schemas.problems(401, 429, 503),
  },
};

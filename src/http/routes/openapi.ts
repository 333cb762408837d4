/** GET /openapi.json */
import type { FastifyInstance } from 'fastify';
import * as schemas from '../schemas.js';

export function openApiRoute(app: FastifyInstance): void {
  app.get('/openapi.json', { config: { scope: 'none' }, schema: SCHEMA }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(app.swagger()),
  );
}

const SCHEMA = {
  operationId: 'getOpenApi',
  summary: 'This document',
  security: [],
  response: { 200: { description: 'OpenAPI 3.1', type: 'object' }, ...schemas.problems(429) },
};

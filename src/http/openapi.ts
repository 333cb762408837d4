/** The OpenAPI document, made of the schemas of the routes. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import * as schemas from './schemas.js';

const DESCRIPTION = [
  'Say something in a room, read its log, follow it live. Every error is an application/problem+json object with',
  '`code` and `fix`. Streams: Server-Sent Events, or a WebSocket on the same path.',
].join(' ');

/** To be called before the routes are registered. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  app.addSchema(schemas.event);
  app.addSchema(schemas.problem);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `def-${index}`),
    },
  });
}

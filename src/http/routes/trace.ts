/** GET /v1/events/{id}/trace: for operators, because it shows what was said in every room. */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';

export function traceRoute(app: FastifyInstance, gateway: GatewayView): void {
  app.get<{ Params: { id: string } }>(
    '/v1/events/:id/trace',
    { config: { scope: 'admin' }, schema: SCHEMA },
    async ({ params: { id } }) => {
      const report = await gateway.trace(id);
      if (report.steps.length > 0 || report.sequence !== null || report.channels.length > 0) return report;
      throw new HttpProblem('NOT_FOUND', `No gateway and no log knows an event ${id}.`, {
        fix: 'Check the id; traces are kept for the latest events only.',
      });
    },
  );
}

const TEXT_OR_NULL = { type: ['string', 'null'] };
const SCHEMA = {
  operationId: 'traceEvent',
  summary: 'What became of an event, network by network',
  params: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', pattern: '^[\\u0021-\\u007e]{1,64}$', description: 'Event id.' } },
  },
  response: {
    200: {
      description: 'As far as anybody knows; `unknown` where nobody does.',
      type: 'object',
      required: ['event', 'room', 'sequence', 'gateways', 'channels', 'steps'],
      properties: {
        event: { type: 'string' },
        room: TEXT_OR_NULL,
        sequence: { type: ['integer', 'null'], description: 'Place in the log; null when it is not there.' },
        type: TEXT_OR_NULL,
        time: TEXT_OR_NULL,
        source: TEXT_OR_NULL,
        gateways: { type: 'array', items: { type: 'string' }, description: 'Those that answered.' },
        channels: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              network: { type: 'string' },
              channel: { type: 'string' },
              outcome: {
                type: 'string',
                enum: ['said', 'waiting', 'dropped', 'dead', 'digested', 'unknown'],
              },
              reason: TEXT_OR_NULL,
              natives: { type: 'array', items: { type: 'string' } },
            },
          },
        },
        steps: { type: 'array', items: { type: 'object' }, description: 'All that was noted, by time.' },
      },
    },
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};

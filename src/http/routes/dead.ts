/** Dead letters: what no network would take. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { grantOf } from '../access.js';
import { numbersIn } from '../numbers.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';

interface ListRoute {
  Querystring: { network?: string; limit?: number };
}
interface OneRoute {
  Params: { sequence: number };
}

export function deadRoutes(app: FastifyInstance, gateway: GatewayView, bus: Bus): void {
  app.get<ListRoute>(
    '/v1/dead',
    { config: { scope: 'admin' }, schema: LIST, preValidation: numbersIn('limit') },
    async ({ query }) => {
      const { network = null, limit = 50 } = query;
      return { letters: (await bus.dead.list(network, limit)).toReversed() };
    },
  );
  app.post<OneRoute>(
    '/v1/dead/:sequence/replay',
    { config: { scope: 'admin' }, schema: REPLAY, preValidation: numbersIn('sequence') },
    async (request) => {
      const { sequence } = request.params;
      const letter = await bus.dead.get(sequence);
      if (letter === null) throw unknown(sequence);
      await gateway.replay(letter.network, sequence);
      await record(bus, request, 'replay', letter.network);
      return { ok: true };
    },
  );
  app.delete<OneRoute>(
    '/v1/dead/:sequence',
    { config: { scope: 'admin' }, schema: DROP, preValidation: numbersIn('sequence') },
    async (request) => {
      const { sequence } = request.params;
      const letter = await bus.dead.get(sequence);
      if (letter === null || !(await bus.dead.drop(sequence))) throw unknown(sequence);
      await record(bus, request, 'drop', letter.network);
      return { ok: true };
    },
  );
}

function record(bus: Bus, request: FastifyRequest<OneRoute>, action: string, network: string): Promise<void> {
  const { author, name } = grantOf(request);
  const target = `dead letter ${request.params.sequence}`;
  const scope = { network, room: null };
  const time = new Date().toISOString();
  return bus.audit.put({
    time,
    actor: author.id,
    name,
    from: 'http',
    action,
    target,
    scope,
    detail: {},
    outcome: 'done',
  });
}

function unknown(sequence: number): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no dead letter ${sequence}.`, {
    fix: 'See GET /v1/dead; it may have been replayed or dropped meanwhile.',
  });
}

const PARAMS = {
  type: 'object',
  required: ['sequence'],
  properties: { sequence: { type: 'integer', minimum: 1, description: 'Of the dead letter.' } },
};
const DONE = { description: 'Done.', type: 'object', required: ['ok'], properties: { ok: { const: true } } };
const LIST = {
  operationId: 'listDead',
  summary: 'Dead letters, the newest first',
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      network: { type: 'string', minLength: 1, description: 'Of this network only.' },
      limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    },
  },
  response: {
    200: {
      description: 'With the event, the reason and the number of attempts.',
      type: 'object',
      required: ['letters'],
      properties: { letters: { type: 'array', items: { type: 'object', additionalProperties: true } } },
    },
    ...schemas.problems(400, 401, 403, 429, 503),
  },
};
const REPLAY = {
  operationId: 'replayDead',
  summary: 'Say a dead letter again',
  params: PARAMS,
  response: { 200: DONE, ...schemas.problems(400, 401, 403, 404, 409, 429, 503) },
};
const DROP = {
  operationId: 'dropDead',
  summary: 'Drop a dead letter',
  params: PARAMS,
  response: { 200: DONE, ...schemas.problems(400, 401, 403, 404, 429, 503) },
};

/** GET /v1/networks and /v1/networks/{network} */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import { type GatewayView, NETWORK_STATES } from '../view.js';

export function networkRoutes(app: FastifyInstance, gateway: GatewayView): void {
  app.get('/v1/networks', { config: { scope: 'status' }, schema: LIST }, async () => ({
    networks: await gateway.networks(),
  }));
  app.get<{ Params: { network: string } }>(
    '/v1/networks/:network',
    { config: { scope: 'status' }, schema: ONE },
    async (request) => {
      const { network } = request.params;
      const found = (await gateway.networks()).find((one) => one.network === network);
      if (found !== undefined) return found;
      throw new HttpProblem('NETWORK_UNKNOWN', `There is no network ${JSON.stringify(network)}.`, {
        fix: 'See GET /v1/networks.',
      });
    },
  );
}

export const NETWORK = {
  type: 'object',
  required: [
    'network',
    'bridge',
    'state',
    'since',
    'reason',
    'retryAt',
    'degraded',
    'lag',
    'queued',
    'counters',
  ],
  properties: {
    network: { type: 'string' },
    bridge: { type: 'string' },
    owner: { type: ['string', 'null'], description: 'The gateway that owns it; null when none does.' },
    state: { type: 'string', enum: NETWORK_STATES },
    since: { type: 'string', format: 'date-time' },
    reason: { type: ['string', 'null'], description: 'Why it is retrying or failed.' },
    retryAt: { type: ['string', 'null'], description: 'When the next attempt is made.' },
    degraded: {
      type: 'object',
      description: 'Connected but not whole: channel, or `*`, and why.',
      additionalProperties: { type: 'string' },
    },
    lag: { type: 'integer', description: 'Events in the log that it has not taken yet.' },
    queued: { type: 'integer', description: 'Messages that wait to be said.' },
    muted: {
      type: 'object',
      description:
        'Of which nothing is relayed: channel, or `*` for the network, and until when; null: until it is lifted.',
      additionalProperties: { type: ['string', 'null'] },
    },
    byCommand: {
      type: 'array',
      items: { type: 'string' },
      description: 'Channels that were joined by command.',
    },
    counters: { type: 'object', description: 'Since the start.' },
  },
};
const LIST = {
  operationId: 'listNetworks',
  summary: 'The networks and how they are',
  response: {
    200: {
      description: 'All networks.',
      type: 'object',
      required: ['networks'],
      properties: { networks: { type: 'array', items: NETWORK } },
    },
    ...schemas.problems(401, 403, 429, 503),
  },
};
const ONE = {
  operationId: 'getNetwork',
  summary: 'One network and how it is',
  params: {
    type: 'object',
    required: ['network'],
    properties: { network: { type: 'string', minLength: 1 } },
  },
  response: {
    200: { description: 'The network.', ...NETWORK },
    ...schemas.problems(401, 403, 404, 429, 503),
  },
};

/** GET /v1/rooms/{room}/members */
import type { FastifyInstance } from 'fastify';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

export function membersRoute(app: FastifyInstance, gateway: GatewayView): void {
  app.get<{ Params: { room: string } }>(
    '/v1/rooms/:room/members',
    { config: { scope: 'read' }, schema: SCHEMA },
    async (request) => {
      const { room } = request.params;
      requireRoom(gateway, room);
      return { members: gateway.members(room) };
    },
  );
}

const MEMBER = {
  type: 'object',
  required: ['name', 'network', 'channel', 'rank', 'bot', 'at'],
  properties: {
    name: { type: 'string' },
    network: { type: 'string' },
    channel: { type: 'string' },
    rank: { type: ['string', 'null'], enum: ['operator', 'voice', null] },
    bot: { type: 'boolean' },
    at: { type: 'string', description: 'When their network told it last: RFC 3339, UTC.' },
  },
};
const SCHEMA = {
  operationId: 'listMembers',
  summary: 'Who is in the channels of a room',
  description:
    'As their networks tell, a second or two late. Somebody in two channels is there twice. What was not told again for ten minutes is left out.',
  params: schemas.roomParams,
  response: {
    200: {
      description: 'By channel, then by name.',
      type: 'object',
      required: ['members'],
      properties: { members: { type: 'array', items: MEMBER } },
    },
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};

/** GET /v1/rooms */
import type { FastifyInstance } from 'fastify';
import { grantOf } from '../access.js';
import { allows } from '../grants.js';
import * as schemas from '../schemas.js';
import type { GatewayView, RoomView } from '../view.js';

export function roomsRoute(app: FastifyInstance, gateway: GatewayView): void {
  app.get('/v1/rooms', { config: { scope: 'read:some' }, schema: SCHEMA }, async (request) => {
    const grant = grantOf(request);
    const rooms = gateway.rooms().filter(({ name }) => allows(grant, 'read', name));
    return { rooms: rooms.map(shown) };
  });
}

/** Nothing but this: the options of a channel can hold its key. */
function shown({ name, channels }: RoomView): object {
  return {
    name,
    channels: channels.map(({ network, channel, direction, byCommand = false }) => ({
      network,
      channel,
      direction,
      byCommand,
    })),
  };
}

const CHANNEL = {
  type: 'object',
  required: ['network', 'channel', 'direction', 'byCommand'],
  properties: {
    network: { type: 'string' },
    channel: { type: 'string' },
    direction: { type: 'string', enum: ['in', 'out', 'both'] },
    byCommand: { type: 'boolean', description: 'Joined by command: the config does not have it.' },
  },
};
const ROOM = {
  type: 'object',
  required: ['name', 'channels'],
  properties: { name: { type: 'string' }, channels: { type: 'array', items: CHANNEL } },
};
const SCHEMA = {
  operationId: 'listRooms',
  summary: 'The rooms that the token may read',
  response: {
    200: {
      description: 'Rooms with their channels.',
      type: 'object',
      required: ['rooms'],
      properties: { rooms: { type: 'array', items: ROOM } },
    },
    ...schemas.problems(401, 403, 429, 503),
  },
};

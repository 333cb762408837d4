/** GET /v1/rooms/{room}/stream: every event of a room as it comes, as Server-Sent Events or on a WebSocket. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { grantOf } from '../access.js';
import { sequenceAt } from '../cursor.js';
import * as schemas from '../schemas.js';
import { openSse, openWebSocket, type RoomFeed, type Streams } from '../stream/index.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

interface StreamRoute {
  Params: { room: string };
  Querystring: { after?: string };
  Headers: { 'last-event-id'?: string };
}

interface Joined {
  readonly feed: RoomFeed;
  readonly after: number | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    joined: Joined | null;
  }
}

export function streamRoute(app: FastifyInstance, gateway: GatewayView, bus: Bus, streams: Streams): void {
  app.decorateRequest('joined', null);
  app.route<StreamRoute>({
    method: 'GET',
    url: '/v1/rooms/:room/stream',
    exposeHeadRoute: false,
    config: { scope: 'read', upgrade: true },
    schema: SCHEMA,
    // Before the answer, or the upgrade, begins: once the client sees it, no later event can be missed; and what is
    // wrong can still be told as a problem.
    preHandler: async (request) => {
      const { room } = request.params;
      requireRoom(gateway, room);
      const cursor = request.headers['last-event-id'] || request.query.after;
      const after = cursor === undefined ? null : await sequenceAt(bus, room, cursor);
      const feed = await streams.join(room);
      request.joined = { feed, after: await withinLog(bus, feed, after) };
    },
    handler: (request, reply) => {
      const { feed, after } = joinedOf(request);
      const grant = grantOf(request);
      const reader = streams.attach(feed, openSse(reply), after, grant);
      reply.raw.on('drain', () => reader.drained());
      reply.raw.on('close', () => streams.detach(reader));
    },
    wsHandler: (socket, request) => {
      const { feed, after } = joinedOf(request as FastifyRequest);
      const sink = openWebSocket(socket, () => reader.drained());
      const reader = streams.attach(feed, sink, after, grantOf(request as FastifyRequest));
      socket.on('close', () => streams.detach(reader));
    },
  });
}

const SCHEMA = {
  operationId: 'followRoom',
  summary: 'Follow a room live',
  description: [
    'Server-Sent Events: `id` is the place in the log, `event` the type, `data` the CloudEvent in one line; a comment every',
    '15 s. Resume with Last-Event-ID or `after`; nothing between is missed, nothing comes twice.',
    'With `Upgrade: websocket` on the same path: one text message per event. A browser, which cannot set headers',
    'there, offers the subprotocols `bearer` and the token itself.',
  ].join(' '),
  params: schemas.roomParams,
  querystring: { type: 'object', additionalProperties: false, properties: { after: schemas.cursor } },
  headers: {
    type: 'object',
    properties: { 'last-event-id': { type: 'string', description: 'As `after`, which it overrides.' } },
  },
  response: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};

function joinedOf(request: FastifyRequest): Joined {
  if (request.joined === null) throw new Error('a stream began without its feed');
  return request.joined;
}

/** A place beyond the end is from another log (the store was emptied): the reader gets all that this one has. */
async function withinLog(bus: Bus, feed: RoomFeed, after: number | null): Promise<number | null> {
  if (after === null || after <= feed.head) return after;
  return after <= (await bus.usage()).lastSequence ? after : 0;
}

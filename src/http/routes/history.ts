/** GET /v1/rooms/{room}/messages: pages of the log. */
import type { FastifyInstance } from 'fastify';
import type { Bus, LoggedEvent } from '../../bus/index.js';
import { sequenceAt } from '../cursor.js';
import { numbersIn } from '../numbers.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import { encodeLogged } from '../stream/index.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

interface HistoryRoute {
  Params: { room: string };
  Querystring: { before?: string; after?: string; limit?: number };
}

export function historyRoute(app: FastifyInstance, gateway: GatewayView, bus: Bus): void {
  app.get<HistoryRoute>(
    '/v1/rooms/:room/messages',
    { config: { scope: 'read' }, schema: SCHEMA, preValidation: numbersIn('limit') },
    async (request, reply) => {
      const { room } = request.params;
      requireRoom(gateway, room);
      const { limit = schemas.DEFAULT_PAGE, ...cursors } = request.query;
      const range = await rangeOf(bus, room, cursors);
      const page = await bus.read(room, { ...range, limit });
      const link = linkOf(room, limit, page, 'after' in range);
      if (link !== '') reply.header('link', link);
      return reply.type('application/json; charset=utf-8').send(`[${page.map(encodeLogged).join(',')}]`);
    },
  );
}

const SCHEMA = {
  operationId: 'listMessages',
  summary: 'Read the log of a room, oldest first',
  description:
    'Without cursor: the latest. `before`: the page before that place; `after`: the page after it. The Link header leads to the neighbours (RFC 8288).',
  params: schemas.roomParams,
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      before: schemas.cursor,
      after: schemas.cursor,
      limit: { type: 'integer', minimum: 1, maximum: schemas.MAX_PAGE, default: schemas.DEFAULT_PAGE },
    },
  },
  response: { 200: schemas.eventList, ...schemas.problems(400, 401, 403, 404, 429, 503) },
};

async function rangeOf(
  bus: Bus,
  room: string,
  { before, after }: { before?: string; after?: string },
): Promise<{ before?: number; after?: number }> {
  if (before !== undefined && after !== undefined)
    throw new HttpProblem('QUERY_INVALID', 'before and after are mutually exclusive.', {
      fix: 'Leave one of them out.',
    });
  if (before !== undefined) return { before: await sequenceAt(bus, room, before) };
  return after === undefined ? {} : { after: await sequenceAt(bus, room, after) };
}

function linkOf(room: string, limit: number, page: readonly LoggedEvent[], forward: boolean): string {
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return '';
  const to = (query: string, rel: string) =>
    `</v1/rooms/${encodeURIComponent(room)}/messages?${query}&limit=${limit}>; rel="${rel}"`;
  const next = to(`after=${last.sequence}`, 'next');
  // A page that is not full ends at the beginning of the log.
  const more = forward || page.length === limit;
  return more ? `${to(`before=${first.sequence}`, 'prev')}, ${next}` : next;
}

/** PATCH and DELETE /v1/rooms/{room}/messages/{id}: by the token that said the message. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { type Markup, newId, type ParleyEvent } from '../../message/index.js';
import { grantOf } from '../access.js';
import type { Grant } from '../grants.js';
import { eventOf } from '../intake.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import { acceptedOf, Teller } from '../teller.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

interface ChangeRoute {
  Params: { room: string; id: string };
  Body: { text: string; markup?: Markup };
}

const SPOKEN: ReadonlySet<string> = new Set(schemas.POSTABLE_TYPES);

export function changeRoutes(app: FastifyInstance, gateway: GatewayView, bus: Bus): void {
  const teller = new Teller(gateway, bus);
  const own = async ({ room, id }: ChangeRoute['Params'], grant: Grant): Promise<ParleyEvent> => {
    requireRoom(gateway, room);
    const event = await find(bus, room, id);
    if (event.source === grant.source) return event;
    throw new HttpProblem('NOT_AUTHOR', 'Another token, or a network, said this message.', {
      fix: 'Change it where it was said.',
    });
  };
  const tell = async (reply: FastifyReply, event: ParleyEvent): Promise<FastifyReply> => {
    const answer = acceptedOf(await teller.say(event));
    return reply.code(202).type('application/json; charset=utf-8').send(answer);
  };
  app.patch<ChangeRoute>(
    '/v1/rooms/:room/messages/:id',
    { config: { scope: 'write' }, schema: EDIT },
    async (request, reply) => {
      const grant = grantOf(request);
      return tell(reply, changeOf('chat.edit', await own(request.params, grant), grant, request.body));
    },
  );
  app.delete<ChangeRoute>(
    '/v1/rooms/:room/messages/:id',
    { config: { scope: 'write' }, schema: DELETE },
    async (request, reply) => {
      const grant = grantOf(request);
      const event = changeOf('chat.delete', await own(request.params, grant), grant, { text: '' });
      return tell(reply, event);
    },
  );
}

/** Throws HttpProblem NOT_FOUND. */
async function find(bus: Bus, room: string, id: string): Promise<ParleyEvent> {
  const sequence = await bus.sequenceOf(room, id);
  const [found] = sequence === null ? [] : await bus.read(room, { after: sequence - 1, limit: 1 });
  if (found !== undefined && found.event.id === id && SPOKEN.has(found.event.type)) return found.event;
  throw new HttpProblem('NOT_FOUND', `The log of ${room} has no message ${id}.`, {
    fix: 'See GET /v1/rooms/{room}/messages for what there is; the log forgets by age and size.',
  });
}

/** In the name under which the message was said. */
function changeOf(
  type: 'chat.edit' | 'chat.delete',
  said: ParleyEvent,
  grant: Grant,
  { text, markup }: ChangeRoute['Body'],
): ParleyEvent {
  const frame = { room: said.subject, grant, id: newId(), key: null, now: new Date() };
  const event = eventOf({ text, replyTo: said.id, ...(markup === undefined ? {} : { markup }) }, frame);
  return { ...event, type, data: { ...event.data, author: said.data.author } };
}

const PARAMS = {
  type: 'object',
  required: ['room', 'id'],
  properties: {
    room: { type: 'string', minLength: 1, description: 'Name of the room.' },
    id: { type: 'string', pattern: schemas.EVENT_ID, description: 'Id of the event that was said.' },
  },
};
const EDIT = {
  operationId: 'editMessage',
  summary: 'Change what the same token said',
  description:
    'Answers once the edit, an event of its own, is stored. Networks that can change a message do; the others get the new text as a new line.',
  params: PARAMS,
  body: schemas.edit,
  response: { 202: schemas.accepted, ...schemas.problems(400, 401, 403, 404, 413, 415, 429, 503) },
};
const DELETE = {
  operationId: 'deleteMessage',
  summary: 'Remove what the same token said',
  description:
    'Answers once the deletion, an event of its own, is stored. Networks that cannot remove a message are told that it was deleted. The log keeps the message until it forgets it by age or size.',
  params: PARAMS,
  response: { 202: schemas.accepted, ...schemas.problems(400, 401, 403, 404, 429, 503) },
};

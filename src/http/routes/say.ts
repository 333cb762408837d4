/** POST /v1/rooms/{room}/messages. The hot path of the API: see test/bench before adding work to it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bus } from '../../bus/index.js';
import { timeOfDay } from '../../clock.js';
import { newId, type ParleyEvent } from '../../message/index.js';
import { grantOf } from '../access.js';
import { problemOf } from '../faults.js';
import type { Grant } from '../grants.js';
import { cloudEventId, idempotencyKey, keyedId } from '../idempotency.js';
import { type CloudEventBody, eventOf, type MessageBody, messageOf } from '../intake.js';
import * as schemas from '../schemas.js';
import { acceptedOf, Teller, type Told } from '../teller.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

const CLOUD_EVENT = 'application/cloudevents+json';

interface SayRoute {
  Params: { room: string };
  Body: MessageBody | readonly MessageBody[] | CloudEventBody;
}

export function sayRoute(app: FastifyInstance, gateway: GatewayView, bus: Bus): void {
  const teller = new Teller(gateway, bus);
  app.post<SayRoute>(
    '/v1/rooms/:room/messages',
    { config: { scope: 'write' }, schema: SCHEMA },
    async (request, reply) => {
      const { room } = request.params;
      requireRoom(gateway, room);
      const caller = { room, grant: grantOf(request), now: new Date(timeOfDay()) };
      const { body } = request;
      if (Array.isArray(body)) return sayAll(teller, reply, batchOf(request, body, caller));
      const event = singleOf(request, body as MessageBody | CloudEventBody, caller);
      const answer = acceptedOf(await teller.say(event));
      return reply.code(202).type('application/json; charset=utf-8').send(answer);
    },
  );
}

const SCHEMA = {
  operationId: 'say',
  summary: 'Say something in a room',
  description:
    'Answers once the event is in the log or, while the backbone is away, in the spool of this machine. Safe to repeat with the same Idempotency-Key for two minutes. An array is said in order; nothing of it when one item is malformed.',
  params: schemas.roomParams,
  headers: {
    type: 'object',
    properties: { 'idempotency-key': { type: 'string', description: 'Up to 256 visible ASCII characters.' } },
  },
  body: {
    content: {
      'application/json': { schema: schemas.messages },
      [CLOUD_EVENT]: { schema: schemas.cloudEventIn },
    },
  },
  response: { 202: schemas.accepted, ...schemas.problems(400, 401, 403, 404, 413, 415, 422, 429, 503) },
};

interface Caller {
  readonly room: string;
  readonly grant: Grant;
  readonly now: Date;
}

function singleOf(request: FastifyRequest, body: MessageBody | CloudEventBody, caller: Caller): ParleyEvent {
  const { grant, room } = caller;
  if ('specversion' in body) {
    const { source, id } = body as CloudEventBody;
    const frame = { ...caller, id: cloudEventId(grant.name, source, id), key: id };
    return eventOf(messageOf(body as CloudEventBody, room), frame);
  }
  const key = idempotencyKey(request);
  const id = key === null ? newId() : keyedId(grant.name, key, 0);
  return eventOf(body as MessageBody, { ...caller, id, key });
}

function batchOf(
  request: FastifyRequest,
  bodies: readonly MessageBody[],
  caller: Caller,
): readonly ParleyEvent[] {
  const key = idempotencyKey(request);
  return bodies.map((body, index) => {
    const id = key === null ? newId() : keyedId(caller.grant.name, key, index);
    return eventOf(body, { ...caller, id, key });
  });
}

/** All are handed over in one turn, so that their order is the order in the log. */
async function sayAll(
  teller: Teller,
  reply: FastifyReply,
  events: readonly ParleyEvent[],
): Promise<FastifyReply> {
  const outcomes = await Promise.allSettled(events.map((event) => teller.say(event)));
  const results = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? told(outcome.value) : failed(outcome.reason),
  );
  return reply
    .code(202)
    .type('application/json; charset=utf-8')
    .send(`{"results":[${results.join(',')}]}`);
}

function told({ json, stored }: Told): string {
  return `{"status":202,"event":${json},"stored":"${stored}"}`;
}

function failed(reason: unknown): string {
  const { problem } = problemOf(reason);
  return JSON.stringify({ status: problem.status, problem });
}

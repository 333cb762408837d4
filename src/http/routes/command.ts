/** POST /v1/commands: a command as one would say it to the bot alone. */
import type { FastifyInstance } from 'fastify';
import { grantOf } from '../access.js';
import { allows } from '../grants.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';
import { requireRoom } from './require-room.js';

interface CommandRoute {
  Body: { line: string; room?: string };
}

export function commandRoute(app: FastifyInstance, gateway: GatewayView): void {
  app.post<CommandRoute>(
    '/v1/commands',
    { config: { scope: 'write:some' }, schema: SCHEMA },
    async (request) => {
      const grant = grantOf(request);
      const { line, room } = request.body;
      if (room !== undefined) {
        if (!allows(grant, 'write', room)) throw lacking(grant.name, room);
        requireRoom(gateway, room);
      }
      const asker = {
        author: grant.author,
        rooms: room === undefined ? [] : [room],
        admin: grant.scopes.has('admin'),
      };
      const asked = gateway.command(line, asker);
      if (asked === null)
        throw new HttpProblem('NOT_FOUND', 'Commands are off.', {
          fix: 'Remove `commands: off` from the config.',
        });
      return asked;
    },
  );
}

function lacking(token: string, room: string): HttpProblem {
  return new HttpProblem('SCOPE_MISSING', `Token ${token} has no scope "write" or "write:${room}".`, {
    fix: 'Use a token with that scope: "parley token create --scope …".',
    members: { scope: `write:${room}` },
  });
}

const SCHEMA = {
  operationId: 'command',
  summary: 'Give a command',
  description:
    'As somebody says it to the bot alone, without a prefix: `help`, `ban zappater --for 2h flood`. What it may do depends on what was granted to the token (`grant moderator http:{token}`); a token of the scope `admin` may do everything.',
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['line'],
    properties: {
      line: { type: 'string', minLength: 1, maxLength: 4000 },
      room: {
        type: 'string',
        minLength: 1,
        description: 'The room that it is about, as if it was asked there.',
      },
    },
  },
  response: {
    200: {
      description: 'What was answered. `refused`: it was not done, and the lines say why.',
      type: 'object',
      required: ['refused', 'lines'],
      properties: { refused: { type: 'boolean' }, lines: { type: 'array', items: { type: 'string' } } },
    },
    ...schemas.problems(400, 401, 403, 404, 413, 415, 429, 503),
  },
};

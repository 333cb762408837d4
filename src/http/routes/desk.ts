/** GET /v1/commands, /v1/bans, /v1/broadcasts, /v1/gateways: what the console shows in rows. */
import type { FastifyInstance } from 'fastify';
import type { Desk } from '../../desk.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';

export function deskRoutes(app: FastifyInstance, gateway: GatewayView): void {
  app.get('/v1/commands', { config: { scope: 'write:some' }, schema: COMMANDS }, async () => ({
    commands: deskOf(gateway).commands(),
  }));
  app.get<{ Querystring: { all?: 'true' | 'false' } }>(
    '/v1/bans',
    { config: { scope: 'admin' }, schema: BANS },
    async ({ query }) => ({ bans: deskOf(gateway).bans(query.all === 'true') }),
  );
  app.get('/v1/broadcasts', { config: { scope: 'admin' }, schema: BROADCASTS }, async () =>
    deskOf(gateway).broadcasts(),
  );
  app.get('/v1/gateways', { config: { scope: 'status' }, schema: GATEWAYS }, async () => ({
    gateways: await gateway.gateways(),
  }));
}

function deskOf(gateway: GatewayView): Desk {
  const desk = gateway.desk();
  if (desk !== null) return desk;
  throw new HttpProblem('NOT_FOUND', 'Commands are off, or not there yet.', {
    fix: 'Remove `commands: off` from the config; just after a start, ask again.',
  });
}

const TEXT = { type: 'string' };
const TIME = { type: 'string', format: 'date-time' };
const MAYBE = { type: ['string', 'null'] };
const FLAG = { type: 'boolean' };
const COUNT = { type: 'integer', minimum: 0 };

/** A list under its name, every field required. */
function listOf(name: string, description: string, properties: Readonly<Record<string, object>>) {
  return {
    description,
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'array', items: rowOf(properties) } },
  };
}

function rowOf(properties: Readonly<Record<string, object>>) {
  return { type: 'object', required: Object.keys(properties), properties };
}

const COMMANDS = {
  operationId: 'listCommands',
  summary: 'The commands that can be given',
  response: {
    200: listOf('commands', 'By name.', {
      name: TEXT,
      usage: { ...TEXT, description: 'What is written behind the name.' },
      help: TEXT,
      examples: { type: 'array', items: TEXT },
      permission: { ...MAYBE, description: 'What one needs; null: nothing.' },
      hidden: { ...FLAG, description: '`help` does not list it.' },
    }),
    ...schemas.problems(401, 403, 404, 429, 503),
  },
};
const BANS = {
  operationId: 'listBans',
  summary: 'Bans and mutes, the newest first',
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      all: {
        type: 'string',
        enum: ['true', 'false'],
        default: 'false',
        description: 'Those that ended in the last 90 days, too.',
      },
    },
  },
  response: {
    200: listOf('bans', 'They are set and lifted with `POST /v1/commands`.', {
      id: TEXT,
      kind: { ...TEXT, enum: ['ban', 'mute'] },
      by: { ...TEXT, enum: ['author', 'identity', 'mask', 'ip', 'nick', 'text'] },
      target: { ...TEXT, description: 'What is matched, as one writes it behind `unban`.' },
      network: { ...MAYBE, description: 'Null: on all.' },
      room: { ...MAYBE, description: 'Null: in all.' },
      reason: TEXT,
      setBy: TEXT,
      at: TIME,
      until: { ...MAYBE, description: 'RFC 3339; null: until it is lifted.' },
      dryRun: { ...FLAG, description: 'It refuses nothing and is only counted.' },
      inForce: FLAG,
      lifted: { type: ['object', 'null'], description: '`by`, `at`, `reason`.' },
      hits: { ...COUNT, description: 'At this gateway, since it started.' },
      effects: {
        type: 'array',
        description: 'What became of it on the networks themselves.',
        items: rowOf({ network: TEXT, channel: TEXT, state: TEXT, why: TEXT }),
      },
    }),
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};
const BROADCASTS = {
  operationId: 'listBroadcasts',
  summary: 'The broadcast lists, what became of their calls, and who is muted',
  response: {
    200: {
      description: 'In the order of the config.',
      ...rowOf({
        lists: {
          type: 'array',
          items: rowOf({
            name: TEXT,
            words: { type: 'array', items: TEXT },
            about: MAYBE,
            rooms: { type: 'array', items: TEXT },
            dryRun: FLAG,
            pausedUntil: { ...MAYBE, description: 'RFC 3339, or `forever`; null: it is not paused.' },
            quietUntil: { ...MAYBE, description: 'As above, for quiet hours.' },
            called: COUNT,
            said: COUNT,
            refused: { type: 'object', description: 'By reason.', additionalProperties: COUNT },
          }),
        },
        muted: { type: 'array', items: rowOf({ name: TEXT, until: TIME }) },
      }),
    },
    ...schemas.problems(401, 403, 404, 429, 503),
  },
};
const GATEWAYS = {
  operationId: 'listGateways',
  summary: 'The gateways of this backbone that answer',
  response: {
    200: listOf('gateways', 'By name.', {
      gateway: TEXT,
      version: TEXT,
      server: { ...MAYBE, description: 'Version of its own nats-server; null: it uses others.' },
      backbone: TEXT,
      reason: { ...MAYBE, description: 'Why its backbone cannot be used.' },
      waiting: { ...COUNT, description: 'Events that wait for the backbone there.' },
      uptime: { ...COUNT, description: 'Seconds.' },
      memory: { ...COUNT, description: 'Resident, bytes.' },
      networks: { type: 'array', items: TEXT, description: 'Those that it owns.' },
    }),
    ...schemas.problems(401, 403, 429, 503),
  },
};

/** POST /v1/networks/{network}/{verb}: what operators can have done to a network. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LOOKING, VERB_NAMES, VERBS, type Verb } from '../../orders/index.js';
import { grantOf } from '../access.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';
import { NETWORK } from './networks.js';

interface OperateRoute {
  Params: { network: string };
  Body: object | null;
}

export function operateRoutes(app: FastifyInstance, gateway: GatewayView): void {
  for (const verb of VERB_NAMES) {
    app.post<OperateRoute>(
      `/v1/networks/:network/${verb}`,
      { config: { scope: 'admin' }, schema: schemaOf(verb) },
      async (request) => {
        const { network } = request.params;
        if (!gateway.hasNetwork(network)) throw unknown(network);
        const { author, name } = grantOf(request);
        const errand = { network, verb, body: request.body ?? {} };
        return gateway.operate(errand, { actor: author.id, name, from: 'http' });
      },
    );
  }
}

function unknown(network: string): HttpProblem {
  return new HttpProblem('NETWORK_UNKNOWN', `There is no network ${JSON.stringify(network)}.`, {
    fix: 'See GET /v1/networks.',
  });
}

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };

function answer(description: string, properties: Readonly<Record<string, schemas.Schema>>): schemas.Schema {
  return { description, type: 'object', required: Object.keys(properties), properties };
}

const MEMBER = {
  type: 'object',
  required: ['name', 'rank', 'bot'],
  properties: {
    name: text,
    rank: { type: ['string', 'null'], enum: ['operator', 'voice', null] },
    bot: { type: 'boolean' },
  },
};

const SUMMARIES: Readonly<Record<Verb, string>> = {
  status: 'How a network is, by its owner',
  names: 'Who is in a channel now, as the network tells',
  join: 'Join a channel and make it part of a room',
  leave: 'Leave a channel that was joined so',
  reconnect: 'Close the connection and open a new one',
  say: 'Say something in one channel alone',
  mute: 'Relay nothing from a network, or from one of its channels',
  unmute: 'Relay again',
  drain: 'Say what waits, then hand the network to another gateway, or close it',
};

const ANSWERS: Readonly<Record<Verb, schemas.Schema>> = {
  status: { description: 'The network.', ...NETWORK },
  names: answer('We too.', { channel: text, members: { type: 'array', items: MEMBER } }),
  join: answer('`waiting`: it is joined when what `reason` says is over.', {
    channel: text,
    room: text,
    state: { type: 'string', enum: ['joined', 'waiting'] },
    reason: textOrNull,
  }),
  leave: answer('Left.', { channel: text, room: text }),
  reconnect: answer('The old connection is closed.', { network: text }),
  say: answer('The network took it.', { channel: text }),
  mute: answer('In force. `channel` null: the whole network; `until` null: until it is lifted.', {
    channel: textOrNull,
    until: { type: ['string', 'null'], format: 'date-time' },
  }),
  unmute: answer('Lifted.', { channel: textOrNull }),
  drain: answer(
    '`to`: the gateway that has it now; null: it is closed. `left`: messages that still wait in the log.',
    {
      to: textOrNull,
      left: { type: 'integer' },
    },
  ),
};

function schemaOf(verb: Verb): schemas.Schema {
  const { $schema: _, ...body } = z.toJSONSchema(VERBS[verb], {
    io: 'input',
    // Words for faults of the config: no keyword of JSON Schema.
    override: ({ jsonSchema }) => void delete jsonSchema.expected,
  });
  const takesNothing = Object.keys(VERBS[verb].shape).length === 0;
  return {
    operationId: `${verb}Network`,
    summary: SUMMARIES[verb],
    params: {
      type: 'object',
      required: ['network'],
      properties: { network: { type: 'string', minLength: 1, description: 'Name of the network.' } },
    },
    ...(takesNothing ? {} : { body }),
    response: {
      200: ANSWERS[verb],
      ...schemas.problems(400, 401, 403, 404, 409, 413, 415, 429, 503),
    },
    ...(LOOKING.has(verb) ? {} : { description: 'On record in the audit before it is answered.' }),
  };
}

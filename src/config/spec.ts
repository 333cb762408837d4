/** The fields of the config file outside networks and rooms. Schema, reference page and checks are made of these. */
import { z } from 'zod';
import { accessSpec } from './access-spec.js';
import { bansSpec } from './bans-spec.js';
import { broadcastsSpec } from './broadcasts-spec.js';
import { commandsSpec } from './commands-spec.js';
import { durationField, fileField, secretField, sizeField } from './fields.js';
import { listenField } from './listen.js';
import { NAME, NAME_WORDS } from './names.js';
import { nodeSpec, PUBLIC, publicFault, refusesPublic } from './node-spec.js';
import { remoteSpec } from './remote-spec.js';
import { NARROW_SCOPES, SCOPES, type Scope } from './types.js';

const nameField = (description: string) =>
  z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({ description, expected: NAME_WORDS });

const SERVER =
  /^(?:(?:nats|tls|wss?):\/\/)?(?:[^\s@/]+@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?\/?$/;
const SERVER_WORDS = 'a server such as "nats://nats.example.org:4222"';

const backboneTls = z.strictObject({
  ca: fileField('PEM file of the CA that signed the servers.').optional(),
  cert: fileField('PEM file of the client certificate.').optional(),
  key: fileField('PEM file of the key of the client certificate.').optional(),
});

export const backboneSpec = z
  .strictObject({
    servers: z
      .array(z.string().regex(SERVER, `expected ${SERVER_WORDS}`).meta({ expected: SERVER_WORDS }))
      .min(1)
      .meta({ description: 'Any of these is enough to find the cluster.' }),
    name: nameField(
      'Name of this gateway among those that use the servers. Default: its host name.',
    ).optional(),
    user: z.string().min(1).optional().meta({ description: 'User name.' }),
    password: secretField('Password of the user.').optional(),
    token: secretField('Token, where the servers use one instead of users.').optional(),
    credentials: fileField('NATS credentials file (JWT and seed).').optional(),
    tls: z
      .union([z.boolean(), backboneTls])
      .default(false)
      .meta({ description: 'Encryption: `true` with the CAs of the system, or these files.' }),
  })
  .refine((backbone) => backbone.password === undefined || backbone.user !== undefined, {
    path: ['user'],
    error: 'expected the user that `password` belongs to',
  })
  .meta({ description: 'Use these NATS servers. Instead of `node`.' });

export const historySpec = z
  .strictObject({
    maxAge: durationField('Older messages are removed from the log.').prefault('30d'),
    maxBytes: sizeField('Beyond this the oldest messages are removed.').prefault('1GB'),
    replicas: z
      .union([z.literal(1), z.literal(3), z.literal(5)])
      .optional()
      .meta({
        description: 'Copies in the cluster. Default: 1 on a node alone, 3 in a cluster.',
        expected: '1, 3 or 5',
      }),
  })
  .meta({ description: 'Limits of the room log.' });

export const spoolSpec = z.strictObject({
  path: z.string().min(1).optional().meta({
    description:
      'Directory; relative to the working directory. Default: `spool` in `node.store`, or `./data/spool` with `backbone`.',
  }),
  maxBytes: sizeField('Beyond this, new messages are refused until the backbone is back.').prefault('256MB'),
  sync: z.boolean().default(true).meta({
    description:
      'Write each batch through to the disk before it counts as accepted: it survives a power failure too.',
  }),
});

const SCOPE_WORDS =
  '"read", "write", "status", "config", "admin", "read:<room>", "write:<room>" or "config:<document>"';

function isScope(text: string): boolean {
  const [word = '', room] = text.split(/:(.*)/s);
  if (room === undefined) return SCOPES.some((scope) => scope === word);
  return NARROW_SCOPES.some((scope) => scope === word) && NAME.test(room);
}

const scopeField = z
  .string()
  .refine(isScope, `expected ${SCOPE_WORDS}`)
  .transform((text) => text as Scope)
  .meta({ description: 'What the token may do.', expected: SCOPE_WORDS });

const tokenSpec = z.strictObject({
  name: z
    .string()
    .regex(NAME, `expected ${NAME_WORDS}`)
    .meta({ description: 'Shown in logs.', expected: NAME_WORDS }),
  hash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'expected "sha256:" and 64 hexadecimal digits')
    .meta({
      description: 'Hash of the token, as `parley token create` prints it.',
      expected: '"sha256:" and 64 hexadecimal digits',
      hint: 'Not the token itself: its hash, as `parley token create` prints it.',
      secret: true,
    }),
  scopes: z.array(scopeField).min(1).meta({ description: 'What the token may do.' }),
});

const rateLimitSpec = z.strictObject({
  max: z.int().min(1).max(10_000_000).meta({ description: 'Requests in one window.' }),
  window: durationField('Length of the window.').prefault('10s'),
});

const ORIGIN_WORDS = 'an origin such as "https://portal.example.org"';
const originField = z
  .string()
  .regex(/^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/, `expected ${ORIGIN_WORDS}`)
  .meta({ expected: ORIGIN_WORDS });

export const httpSpec = z
  .strictObject({
    listen: listenField('Where the HTTP API listens.').prefault('127.0.0.1:8088'),
    tokens: z.array(tokenSpec).default([]).meta({
      description: 'Tokens beside those that `parley token create` keeps on the backbone.',
    }),
    publicBind: z.boolean().default(false).meta({ description: PUBLIC }),
    rateLimit: z
      .union([z.literal(['off', false]), rateLimitSpec])
      .optional()
      .meta({
        description:
          'Requests per token. Default: none on this machine, 10000 in 10 s beyond. `off`: no limit.',
      }),
    signingKey: secretField(
      'What documents are signed with: `file:` and the path that `parley config key` wrote.',
    ).optional(),
    console: z.boolean().default(true).meta({ description: 'The web page for operators at `/console/`.' }),
    cors: z
      .array(originField)
      .default([])
      .meta({ description: 'Web pages of these origins may call the API.' }),
  })
  .refine(refusesPublic, publicFault);

export const logSpec = z
  .strictObject({
    level: z
      .enum(['error', 'warn', 'info', 'debug'])
      .default('info')
      .meta({ description: 'How much is logged.' }),
    format: z
      .enum(['text', 'json'])
      .default('text')
      .meta({ description: '`text` for people, `json` (one object a line) for machines.' }),
  })
  .meta({ description: 'What is logged, to stderr.' });

export const demoSpec = z
  .strictObject({
    irc: z
      .strictObject({
        listen: listenField('Where the demo server listens.')
          .prefault('127.0.0.1:6667')
          .refine((listen) => listen.port !== null, 'expected an address with a port'),
        channel: z.string().min(1).default('#lobby').meta({ description: 'The channel to try.' }),
      })
      .meta({ description: 'An IRC server (ngircd) on this machine.' }),
  })
  .meta({ description: 'Programs to try Parley with. Remove this in a config of your own.' });

export const ownersSpec = z
  .strictObject({
    voters: z
      .array(nameField('Name of a gateway.'))
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'expected each gateway once')
      .optional()
      .meta({
        description:
          'Names of the gateways that run these networks together, the same list at each; a majority of them must be up. Three or five. Default: the members of this node’s cluster, without one this gateway alone.',
        expected: 'each gateway once',
      }),
    labels: z.array(nameField('A label.')).default([]).meta({
      description: 'Labels of this gateway, for `prefer` of networks; its name is one too.',
    }),
  })
  .meta({ description: 'Several gateways with the same networks: exactly one of them owns each network.' });

export const canarySpec = z
  .strictObject({
    every: durationField('Between two canaries.').prefault('60s'),
    timeout: durationField('How long a path may take to answer.').prefault('10s'),
    rooms: z
      .array(z.string().regex(NAME, `expected ${NAME_WORDS}`).meta({ expected: NAME_WORDS }))
      .optional()
      .meta({ description: 'Rooms whose paths are checked. Default: all.' }),
  })
  .meta({
    description: 'Checks whether a line could get from each channel to each other, without saying one.',
  });

/** Everything but `networks` and `rooms`, which depend on each other and on the bridges. */
export const fileSpec = z.strictObject({
  node: nodeSpec.optional(),
  backbone: backboneSpec.optional(),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'expected 1-32 letters, digits, "_" or "-"')
    .default('parley')
    .meta({
      description: 'Head of all subjects and streams: keeps two Parleys on the same servers apart.',
      expected: '1-32 letters, digits, "_" or "-"',
    }),
  history: historySpec.prefault({}),
  spool: z
    .union([z.literal(['off', false]), spoolSpec])
    .prefault({})
    .meta({
      description: 'Where messages wait on disk while the backbone is away. `off`: only in memory.',
    }),
  owners: ownersSpec.prefault({}),
  access: accessSpec.prefault({}),
  bans: bansSpec.prefault({}),
  http: z
    .union([z.literal(['off', false]), httpSpec])
    .prefault({})
    .meta({ description: 'The HTTP API. `off`: none.' }),
  log: logSpec.prefault({}),
  commands: z
    .union([z.literal(['off', false]), commandsSpec])
    .prefault({})
    .meta({ description: 'Commands that people give in rooms, or to the bot alone. `off`: none.' }),
  remote: remoteSpec,
  canary: canarySpec.optional(),
  broadcasts: broadcastsSpec.prefault({}),
  demo: demoSpec.optional(),
});

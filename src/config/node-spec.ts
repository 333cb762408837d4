/** The fields of `node`: the nats-server that Parley runs itself. */
import { z } from 'zod';
import { fileField } from './fields.js';
import { isLoopback, listenField } from './listen.js';
import { NAME, NAME_WORDS } from './names.js';

export const PUBLIC = 'Allow an address that other machines can reach.';

export function refusesPublic(section: {
  readonly listen: { readonly host: string };
  readonly publicBind: boolean;
}) {
  return section.publicBind || isLoopback(section.listen.host);
}

export const publicFault = {
  path: ['listen'],
  error: 'expected an address of this machine only, such as 127.0.0.1',
  params: { hint: 'Write `publicBind: true` beside it to let other machines in.' },
};

const ADDRESS_WORDS = 'an address such as "alpha.example.org:6222"';
const LABEL_WORDS = '1-64 letters, digits, ".", "_" or "-"';

const SERVICE = /^[A-Za-z0-9_-]{1,32}$/;
const SERVICE_WORDS = 'a name of 1-32 letters, digits, "_" or "-"';
/** As in `bus/subjects.ts`, which this folder cannot see. */
const COMMAND = /^[a-z0-9][a-z0-9-]{0,31}$/;
const COMMAND_WORDS = 'the name of a command, such as "roll"';

const clusterSpec = z
  .strictObject({
    listen: listenField('Where the other members connect.').prefault('0.0.0.0:6222'),
    advertise: z
      .string()
      .regex(/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[1-9]\d{0,4}$/, `expected ${ADDRESS_WORDS}`)
      .optional()
      .meta({
        description: 'What the others dial, when it is not this machine’s own address.',
        expected: ADDRESS_WORDS,
      }),
    name: z.string().regex(NAME, `expected ${NAME_WORDS}`).optional().meta({
      description: 'Name of a cluster that is made here. Default: the prefix.',
      expected: NAME_WORDS,
    }),
  })
  .meta({ description: 'Makes this node fit for a cluster; it becomes a member with `parley node join`.' });

export const nodeSpec = z
  .strictObject({
    name: z.string().regex(NAME, `expected ${NAME_WORDS}`).optional().meta({
      description: 'Name of this machine among the nodes. Default: its host name.',
      expected: NAME_WORDS,
    }),
    listen: listenField('Where NATS clients connect.').prefault('127.0.0.1:4222'),
    store: z.string().min(1).default('./data').meta({
      description: 'Directory for streams, credentials and pid file; relative to the working directory.',
    }),
    publicBind: z.boolean().default(false).meta({ description: PUBLIC }),
    labels: z
      .array(z.string().regex(NAME, `expected ${LABEL_WORDS}`).meta({ expected: LABEL_WORDS }))
      .default([])
      .meta({ description: 'Words about this machine that networks may prefer it by, such as `eu`.' }),
    cluster: clusterSpec.optional(),
    leaf: z
      .strictObject({ listen: listenField('Where leaf nodes connect.').prefault('0.0.0.0:7422') })
      .optional()
      .meta({ description: 'Lets leaf nodes in: machines behind NAT that use the streams of this one.' }),
    tls: z
      .strictObject({
        ca: fileField('PEM file of the CA (or CAs) that signed the nodes.'),
        cert: fileField('PEM file of this node’s certificate, for server and client use.'),
        key: fileField('PEM file of its key.'),
      })
      .optional()
      .meta({ description: 'Files of your own CA. Default: those that `parley node` keeps in the store.' }),
    services: z
      .record(
        z.string().regex(SERVICE, `expected ${SERVICE_WORDS}`),
        z
          .array(z.string().regex(COMMAND, `expected ${COMMAND_WORDS}`).meta({ expected: COMMAND_WORDS }))
          .min(1)
          .meta({ description: 'The commands that it answers.' }),
      )
      .optional()
      .meta({
        description:
          'Command services: programs of your own that answer these commands, `dice: [roll]`. Each gets a NATS user that may do nothing else; `<store>/services/<name>.json` tells how to connect.',
      }),
    insecure: z.boolean().default(false).meta({
      description:
        'Let other machines connect without TLS: everything, passwords too, is readable on the way.',
    }),
  })
  .refine(refusesPublic, publicFault)
  .meta({ description: 'The nats-server that Parley runs itself. Instead of `backbone`.' });

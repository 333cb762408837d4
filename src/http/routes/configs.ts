/** /v1/configs: configuration documents, for who writes them. /config/{name}.yaml and .xml: for who takes them. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  DOCUMENT_NAME,
  DocumentInvalid,
  readDocument,
  SIGNATURE_HEADER,
  toXml,
  type Version,
  type Writer,
  XSD,
} from '../../remote/index.js';
import { grantOf } from '../access.js';
import { allows } from '../grants.js';
import { numbersIn } from '../numbers.js';
import { HttpProblem } from '../problem.js';
import * as schemas from '../schemas.js';
import type { GatewayView } from '../view.js';

interface OneRoute {
  Params: { name: string };
}
interface VersionRoute {
  Params: { name: string; version: string };
}
interface DiffRoute extends OneRoute {
  Querystring: { from: number; to?: number };
}
interface TextRoute extends OneRoute {
  Body: { text: string; comment?: string };
}
interface RollbackRoute extends OneRoute {
  Body: { version: number; comment?: string };
}

export function configRoutes(
  app: FastifyInstance,
  gateway: GatewayView,
  sign: () => ((bytes: Buffer) => string) | null,
): void {
  const { documents } = gateway;
  const admin = { scope: 'admin' } as const;
  app.get('/v1/configs', { config: admin, schema: LIST }, async () => ({
    configs: documents.list().map(headOf),
  }));
  app.get<OneRoute>('/v1/configs/:name', { config: admin, schema: ONE }, async ({ params }, reply) =>
    tagged(reply, current(gateway, params.name)),
  );
  app.get<OneRoute>('/v1/configs/:name/versions', { config: admin, schema: VERSIONS }, async ({ params }) => {
    current(gateway, params.name);
    return { versions: documents.versions(params.name).map(headOf) };
  });
  app.get<VersionRoute>(
    '/v1/configs/:name/versions/:version',
    { config: admin, schema: VERSION },
    async ({ params }) => documents.version(params.name, Number(params.version)),
  );
  app.get<DiffRoute>(
    '/v1/configs/:name/diff',
    { config: admin, schema: DIFF, preValidation: numbersIn('from', 'to') },
    async ({ params: { name }, query: { from, to = current(gateway, name).version } }) => {
      const [before, after] = [documents.version(name, from), documents.version(name, to)];
      return { diff: documents.diff(name, before.text, after.text, [`version ${from}`, `version ${to}`]) };
    },
  );
  app.post<TextRoute>(
    '/v1/configs/:name/validate',
    { config: admin, schema: VALIDATE },
    async ({ params: { name }, body: { text } }) => {
      const { faults } = readDocument(text, name);
      const before = documents.current(name);
      const labels = [before === null ? 'nothing' : `version ${before.version}`, 'as written'] as const;
      return {
        valid: faults.length === 0,
        problems: faults.map(problemOf),
        diff: documents.diff(name, before?.text ?? '', text, labels),
      };
    },
  );
  app.put<TextRoute>('/v1/configs/:name', { config: admin, schema: PUT }, async (request, reply) => {
    const { params, body } = request;
    const { text, comment = '' } = body;
    const base = baseOf(request);
    return tagged(
      reply,
      await told(documents.write({ name: params.name, text, comment, by: writerOf(request), base })),
    );
  });
  app.post<RollbackRoute>(
    '/v1/configs/:name/rollback',
    { config: admin, schema: ROLLBACK },
    async (request, reply) => {
      const { name } = request.params;
      const { version, comment } = request.body;
      const base = baseOf(request);
      return tagged(reply, await told(documents.rollback(name, version, base, writerOf(request), comment)));
    },
  );
  app.get<{ Params: { file: string } }>(
    '/config/:file',
    { config: { scope: 'any' }, schema: TAKE },
    async (request, reply) => take(request, reply, gateway, sign()),
  );
}

function take(
  request: FastifyRequest<{ Params: { file: string } }>,
  reply: FastifyReply,
  gateway: GatewayView,
  sign: ((bytes: Buffer) => string) | null,
) {
  const { file } = request.params;
  if (file === 'config.xsd') return reply.type('application/xml; charset=utf-8').send(Buffer.from(XSD));
  const [, name = '', kind = ''] = /^(.+)\.(yaml|xml)$/.exec(file) ?? [];
  const grant = grantOf(request);
  if (name !== '' && !allows(grant, 'config', name)) throw lacking(grant.name, name);
  const version = current(gateway, name);
  const bytes = Buffer.from(kind === 'yaml' ? version.text : xmlOf(version));
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  if (sign !== null) reply.header(SIGNATURE_HEADER, sign(bytes));
  if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.type(`application/${kind}; charset=utf-8`).send(bytes);
}

function xmlOf({ name, text, version }: Version): string {
  const { value } = readDocument(text, name);
  return toXml(value ?? { channels: [], bans: [] }, name, version);
}

/** RFC 9110 §13.1.2. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

function current({ documents }: GatewayView, name: string): Version {
  const found = documents.current(name);
  if (found !== null) return found;
  throw new HttpProblem('NOT_FOUND', `There is no document ${JSON.stringify(name)}.`, {
    fix: 'GET /v1/configs lists them; PUT /v1/configs/{name} makes one.',
  });
}

function tagged(reply: FastifyReply, version: Version): Version {
  reply.header('etag', `"${version.version}"`);
  return version;
}

function headOf({ name, version, time, author, comment }: Version) {
  return { name, version, time, author, comment };
}

/** The version that is changed: nobody must write over what they have not seen (RFC 6585 §3). */
function baseOf({ headers }: FastifyRequest): number | null {
  const match = /^"(\d{1,15})"$/.exec(headers['if-match']?.trim() ?? '')?.[1];
  if (match !== undefined) return Number(match);
  if (headers['if-none-match']?.trim() === '*') return null;
  throw new HttpProblem('PRECONDITION_REQUIRED', 'It is not said which version is changed.', {
    fix: 'Send If-Match with the ETag that GET answered, or If-None-Match: * for a new document.',
  });
}

function writerOf(request: FastifyRequest): Writer {
  const { author, name } = grantOf(request);
  return { id: author.id, name, from: 'http' };
}

async function told(writing: Promise<Version>): Promise<Version> {
  try {
    return await writing;
  } catch (error) {
    if (!(error instanceof DocumentInvalid)) throw error;
    throw new HttpProblem('CONFIG_INVALID', 'The text is no document.', {
      fix: 'Correct what `problems` names, then send it again.',
      members: { problems: error.faults.map(problemOf) },
    });
  }
}

function problemOf({ path, line, col, expected, got, hint }: DocumentInvalid['faults'][number]) {
  return { path, line, column: col, message: `expected ${expected}, got ${got}`, fix: hint };
}

function lacking(token: string, name: string): HttpProblem {
  return new HttpProblem('SCOPE_MISSING', `Token ${token} has no scope "config" or "config:${name}".`, {
    fix: 'Use a token with that scope: "parley token create --scope …".',
    members: { scope: `config:${name}` },
  });
}

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 1 };
const AUTHOR = { type: 'object', required: ['id', 'name'], properties: { id: TEXT, name: TEXT } };
const HEAD = {
  name: TEXT,
  version: COUNT,
  time: { ...TEXT, format: 'date-time' },
  author: AUTHOR,
  comment: TEXT,
};
const WHOLE = {
  description: 'With its text. `ETag`: the version, for If-Match.',
  type: 'object',
  required: [...Object.keys(HEAD), 'text'],
  properties: { ...HEAD, text: { ...TEXT, description: 'YAML: docs/control.md.' } },
};
const params = {
  type: 'object',
  required: ['name'],
  properties: { name: { ...TEXT, pattern: DOCUMENT_NAME.source, description: 'Of the document.' } },
};
const PROBLEMS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['path', 'line', 'column', 'message', 'fix'],
    properties: { path: TEXT, line: COUNT, column: COUNT, message: TEXT, fix: TEXT },
  },
};
const WHICH = {
  type: 'object',
  properties: {
    'if-match': { ...TEXT, description: 'The ETag of the version that is changed.' },
    'if-none-match': { ...TEXT, description: '`*`: there is none yet.' },
  },
};

function listed(name: string, description: string) {
  const items = { type: 'object', required: Object.keys(HEAD), properties: HEAD };
  return { description, type: 'object', required: [name], properties: { [name]: { type: 'array', items } } };
}

const LIST = {
  operationId: 'listConfigs',
  summary: 'The configuration documents',
  response: {
    200: listed('configs', 'The current version of each, by name.'),
    ...schemas.problems(401, 403, 429, 503),
  },
};
const ONE = {
  operationId: 'getConfig',
  summary: 'A document as it is now',
  params,
  response: { 200: WHOLE, ...schemas.problems(400, 401, 403, 404, 429, 503) },
};
const VERSIONS = {
  operationId: 'listConfigVersions',
  summary: 'The versions of a document that are kept',
  params,
  response: {
    200: listed('versions', 'The newest first.'),
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};
const VERSION = {
  operationId: 'getConfigVersion',
  summary: 'One version of a document',
  params: {
    ...params,
    required: ['name', 'version'],
    properties: { ...params.properties, version: { ...TEXT, pattern: '^[1-9]\\d{0,14}$' } },
  },
  response: { 200: WHOLE, ...schemas.problems(400, 401, 403, 404, 429, 503) },
};
const DIFF = {
  operationId: 'diffConfig',
  summary: 'What two versions differ in',
  params,
  querystring: {
    type: 'object',
    additionalProperties: false,
    required: ['from'],
    properties: { from: COUNT, to: { ...COUNT, description: 'Default: as it is now.' } },
  },
  response: {
    200: {
      description: 'Unified; empty where they are the same.',
      type: 'object',
      required: ['diff'],
      properties: { diff: TEXT },
    },
    ...schemas.problems(400, 401, 403, 404, 429, 503),
  },
};
const VALIDATE = {
  operationId: 'validateConfig',
  summary: 'Whether a text is a document, and what it would change',
  params,
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: { text: TEXT },
  },
  response: {
    200: {
      description: 'Nothing is changed.',
      type: 'object',
      required: ['valid', 'problems', 'diff'],
      properties: { valid: { type: 'boolean' }, problems: PROBLEMS, diff: TEXT },
    },
    ...schemas.problems(400, 401, 403, 413, 415, 429, 503),
  },
};
const PUT = {
  operationId: 'putConfig',
  summary: 'A new version of a document',
  params,
  headers: WHICH,
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: { text: TEXT, comment: { ...TEXT, maxLength: 200 } },
  },
  response: { 200: WHOLE, ...schemas.problems(400, 401, 403, 412, 413, 415, 422, 428, 429, 503) },
};
const ROLLBACK = {
  operationId: 'rollbackConfig',
  summary: 'An older text as a new version',
  params,
  headers: WHICH,
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['version'],
    properties: { version: COUNT, comment: { ...TEXT, maxLength: 200 } },
  },
  response: { 200: WHOLE, ...schemas.problems(400, 401, 403, 404, 412, 415, 422, 428, 429, 503) },
};
const TAKE = {
  operationId: 'takeConfig',
  summary: 'A document for gateways and bots: {name}.yaml, {name}.xml, or config.xsd',
  description:
    'Scope `config`, or `config:{name}`. Ask again with If-None-Match. `Parley-Signature: ed25519=:…:` (RFC 9651) where the gateway has a signing key.',
  params: { type: 'object', required: ['file'], properties: { file: { ...TEXT, minLength: 1 } } },
  response: {
    200: {
      description: 'The document.',
      content: { 'application/yaml': { schema: TEXT }, 'application/xml': { schema: TEXT } },
    },
    304: { description: 'As before.', type: 'null' },
    ...schemas.problems(401, 403, 404, 429, 503),
  },
};

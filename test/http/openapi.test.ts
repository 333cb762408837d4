import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import { openStage } from './fixtures.js';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

test('openapi - the document is valid OpenAPI 3.1', async (t) => {
  const { http } = await openStage(t);
  const document = (await (await fetch(`${http.address}/openapi.json`)).json()) as Document;
  t.regex(document.openapi, /^3\.1\./);
  const { valid, errors } = await new Validator().validate({ ...document });
  t.true(valid, JSON.stringify(errors));
});

test('openapi - every operation has a name, a summary, its parameters and problem answers', async (t) => {
  const { http } = await openStage(t);
  const { paths } = (await (await fetch(`${http.address}/openapi.json`)).json()) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const names = operations.map(({ operation }) => operation.operationId);
  t.is(new Set(names).size, operations.length);
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`;
    t.truthy(operation.operationId, where);
    t.truthy(operation.summary, where);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const given = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
    t.deepEqual(given, named, where);
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      t.truthy(description, where);
      if (Number(status) >= 400) t.deepEqual(Object.keys(content ?? {}), ['application/problem+json'], where);
    }
    const open = operation.security?.length === 0;
    t.is('401' in operation.responses || path === '/readyz', !open, where);
  }
});

test('openapi - the document names every path of the API', async (t) => {
  const { http } = await openStage(t);
  const { paths } = (await (await fetch(`${http.address}/openapi.json`)).json()) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  t.deepEqual(operations.sort(), [
    'delete /v1/dead/{sequence}',
    'delete /v1/rooms/{room}/messages/{id}',
    'get /config/{file}',
    'get /healthz',
    'get /openapi.json',
    'get /readyz',
    'get /v1/audit',
    'get /v1/bans',
    'get /v1/broadcasts',
    'get /v1/commands',
    'get /v1/configs',
    'get /v1/configs/{name}',
    'get /v1/configs/{name}/diff',
    'get /v1/configs/{name}/versions',
    'get /v1/configs/{name}/versions/{version}',
    'get /v1/dead',
    'get /v1/events/{id}/trace',
    'get /v1/gateways',
    'get /v1/me',
    'get /v1/networks',
    'get /v1/networks/{network}',
    'get /v1/rooms',
    'get /v1/rooms/{room}/members',
    'get /v1/rooms/{room}/messages',
    'get /v1/rooms/{room}/stream',
    'patch /v1/rooms/{room}/messages/{id}',
    'post /v1/commands',
    'post /v1/configs/{name}/rollback',
    'post /v1/configs/{name}/validate',
    'post /v1/dead/{sequence}/replay',
    'post /v1/networks/{network}/drain',
    'post /v1/networks/{network}/join',
    'post /v1/networks/{network}/leave',
    'post /v1/networks/{network}/mute',
    'post /v1/networks/{network}/names',
    'post /v1/networks/{network}/reconnect',
    'post /v1/networks/{network}/say',
    'post /v1/networks/{network}/status',
    'post /v1/networks/{network}/unmute',
    'post /v1/rooms/{room}/messages',
    'put /v1/configs/{name}',
  ]);
});

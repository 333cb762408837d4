import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { BRIDGES } from '../../bridges/index.js';
import { generatedFiles } from '../../src/config/index.js';
import { fakeBridges } from './bridges.js';

const ROOT = resolve(import.meta.dirname, '../../..');

test('config - the schema and the reference page are fresh: scripts/generate.mjs', async (t) => {
  const bridges = await Promise.all(Object.values(BRIDGES).map(async (load) => (await load()).default));
  for (const { path, text } of generatedFiles(bridges)) {
    t.is(text, await readFile(join(ROOT, path), 'utf8'), `${path} is stale`);
  }
});

test('config - the schema has a branch for each kind, with both its own and the common fields', async (t) => {
  const irc = await fakeBridges('irc');
  const loud = await fakeBridges('loud');
  if (irc === null || loud === null) return t.fail();
  const schema = JSON.parse(generatedFiles([irc, loud])[0]?.text ?? '');
  const { network } = schema.definitions;
  t.deepEqual(network.properties.bridge.enum, ['irc', 'loud']);
  t.like(network.allOf[0], { if: { properties: { bridge: { const: 'irc' } } } });
  const fields = schema.definitions['network-irc'];
  t.is(fields.properties.host.description, 'Address of the server.');
  t.is(fields.properties.connectTimeout.type, 'string');
  t.is(fields.properties.maxAge.default, '15m');
  t.deepEqual(fields.required, ['bridge', 'host', 'nick']);
  t.false(fields.additionalProperties);
});

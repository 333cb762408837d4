/** The JSON Schema (draft 7, which editors understand best) of a config file, made from the fields themselves. */
import { z } from 'zod';
import type { BridgeSpec } from './bridge-spec.js';
import { channelSpec, networkSpec, roomSpec } from './network-spec.js';
import { strict } from './schema-walk.js';
import { fileSpec } from './spec.js';

/** A JSON Schema, as far as this folder builds and reads it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

const NAME_PATTERN = '^[A-Za-z0-9._-]{1,64}$';
const VARIABLE: JsonSchema = {
  type: 'string',
  pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$',
  description: 'From an environment variable.',
};

/** What editors check and complete with. `bridges` are the kinds that a network may have. */
export function jsonSchema(bridges: readonly BridgeSpec[]): JsonSchema {
  const file = schemaOf(fileSpec);
  const kinds = Object.fromEntries(
    bridges.map((bridge) => [`network-${bridge.kind}`, networkSchema(bridge)]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Parley config',
    ...file,
    properties: {
      ...file.properties,
      networks: mapOf('The places to join, by name.', { $ref: '#/definitions/network' }),
      rooms: mapOf('Channels joined together, by name.', { $ref: '#/definitions/room' }),
    },
    patternProperties: { '^x-': { description: 'Ignored: a place for YAML anchors.' } },
    definitions: {
      network: anyNetwork(bridges),
      ...kinds,
      room: roomSchema(),
      channel: channelSchema(bridges),
    },
  };
}

/** The fields of one kind of network: those that every network has, and the bridge's own. */
function networkSchema(bridge: BridgeSpec): JsonSchema {
  const core = schemaOf(networkSpec);
  const own = schemaOf(strict(bridge.config));
  const kind: JsonSchema = { const: bridge.kind, description: 'The kind of the network.' };
  return {
    ...own,
    properties: { bridge: kind, ...own.properties, ...core.properties },
    required: ['bridge', ...(own.required ?? [])],
    additionalProperties: false,
  };
}

function mapOf(description: string, each: JsonSchema): JsonSchema {
  return {
    description,
    type: ['object', 'null'],
    propertyNames: { pattern: NAME_PATTERN },
    additionalProperties: each,
  };
}

/** One branch for each kind: an editor then completes the fields of the chosen bridge only. */
function anyNetwork(bridges: readonly BridgeSpec[]): JsonSchema {
  const kinds = bridges.map((bridge) => bridge.kind);
  return {
    type: 'object',
    properties: { bridge: { enum: kinds, description: 'The kind of the network.' } },
    required: ['bridge'],
    allOf: kinds.map((kind) => ({
      if: { properties: { bridge: { const: kind } }, required: ['bridge'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: { $ref: `#/definitions/network-${kind}` },
    })),
  };
}

function roomSchema(): JsonSchema {
  const room = schemaOf(roomSpec);
  const channels: JsonSchema = {
    description: 'What is said in one of these is said in the others.',
    type: ['array', 'null'],
    items: { $ref: '#/definitions/channel' },
  };
  return { ...room, properties: { channels, ...room.properties }, required: ['channels'] };
}

/** Which key is a network's name depends on the file: any other text is taken for a channel. */
function channelSchema(bridges: readonly BridgeSpec[]): JsonSchema {
  const core = schemaOf(channelSpec);
  const options = bridges.map((bridge) => channelOptionsSchema(bridge)?.properties ?? {});
  return {
    ...core,
    description: 'A network with its channel, `quakenet: "#quakeworld"`, and what applies to it.',
    properties: Object.assign({}, ...options, core.properties) as Readonly<Record<string, JsonSchema>>,
    additionalProperties: { type: 'string', description: 'The channel on this network.' },
    minProperties: 1,
  };
}

/** What a room may say beside a channel of this kind; null when there is nothing. */
export function channelOptionsSchema(bridge: BridgeSpec): JsonSchema | null {
  return bridge.channelOptions === undefined ? null : schemaOf(bridge.channelOptions);
}

/** Fields as they are written: durations as texts, defaults left out. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema, ...written } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const key of ['secret', 'path', 'hint', 'expected']) delete jsonSchema[key];
    },
  });
  return allowVariables(written as JsonSchema);
}

/** `port: ${PORT}` is a text to an editor, and a number to us. */
function allowVariables(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf } = schema;
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') {
    const { description, default: byDefault, ...bare } = schema;
    return { ...optional({ description, default: byDefault }), anyOf: [bare, VARIABLE] };
  }
  return {
    ...schema,
    ...optional({
      properties: properties && mapValues(properties, allowVariables),
      items: items && allowVariables(items),
      anyOf: anyOf && [...anyOf.map((choice) => allowVariables(choice))],
    }),
  };
}

function optional(keywords: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

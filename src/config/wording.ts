/** How faults name values and kinds of values. */
import type { z } from 'zod';
import { metaOf, variantsOf } from './schema-walk.js';
import type { SourceNode } from './source-node.js';

const LONGEST = 60;

/** What was found. Of a hidden value only its kind and length. */
export function describe(node: SourceNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.value === null) return 'nothing';
  const from = node.variables.length === 0 ? '' : ` (from \${${node.variables.join('}, ${')}})`;
  if (node.hidden) return `${unnamed(node.value)}${from}`;
  return typeof node.value === 'string' ? quoted(node.value) : String(node.value);
}

function unnamed(value: string | number | boolean): string {
  return typeof value === 'string' ? `a text of ${value.length} characters` : `a ${typeof value}`;
}

/** `nats://parley:secret@host` as `nats://…@host`. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//…@');
}

/** In quotes, cut, and without the credentials of a URL. */
export function quoted(text: string): string {
  const harmless = withoutCredentials(text);
  return JSON.stringify(harmless.length > LONGEST ? `${harmless.slice(0, LONGEST)}…` : harmless);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping of keys and values',
  record: 'a mapping of keys and values',
  array: 'a list',
};

function kindName(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** What the schemas want, in the field's own words where it has some. */
export function wanted(schemas: readonly z.core.$ZodType[]): string {
  const names = schemas.flatMap(variantsOf).map((variant) => variant.meta.expected ?? kindOf(variant.schema));
  return [...new Set(names)].join(' or ') || 'another value';
}

function kindOf(schema: z.core.$ZodTypes): string {
  const { def } = schema._zod;
  if (def.type === 'enum') return oneOf(Object.values(def.entries));
  if (def.type === 'literal') return oneOf(def.values);
  if (def.type === 'number') return 'format' in def ? 'a whole number' : 'a number';
  return kindName(def.type);
}

export function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)));
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

/** The sentence that the field gives with a wrong value, if any. */
export function hintOf(schemas: readonly z.core.$ZodType[]): string {
  return schemas.map((schema) => metaOf(schema).hint).find((hint) => hint !== undefined) ?? '';
}

/** What the field is for, if it says so. */
export function descriptionOf(schemas: readonly z.core.$ZodType[]): string {
  return schemas.map((schema) => metaOf(schema).description).find((text) => text !== undefined) ?? '';
}

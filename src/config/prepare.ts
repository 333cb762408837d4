/**
 * Goes through a value together with its schema, before it is checked: marks what is secret, reads `file:` secrets,
 * makes paths absolute, and turns `${PORT}` into a number where a number is wanted.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Faults } from './fault.js';
import { childrenOf, holdsSecret, metaOf, variantsOf } from './schema-walk.js';
import type { Path, ScalarNode, SourceNode } from './source-node.js';

export interface Surroundings {
  /** What relative paths are relative to. */
  readonly directory: string;
  readonly faults: Faults;
}

const FILE = 'file:';
const MAX_SECRET_BYTES = 64 * 1024;

export function prepare(
  schemas: readonly z.core.$ZodType[],
  node: SourceNode,
  path: Path,
  around: Surroundings,
): void {
  if (schemas.length === 0) return;
  if (node.kind === 'scalar') {
    prepareScalar(schemas, node, path, around);
    return;
  }
  const children = node.kind === 'map' ? node.entries : node.items.entries();
  for (const [step, child] of children) {
    const inner = schemas.flatMap((schema) => childrenOf(schema, step));
    prepare(inner, child, [...path, step], around);
  }
}

function prepareScalar(
  schemas: readonly z.core.$ZodType[],
  node: ScalarNode,
  path: Path,
  around: Surroundings,
): void {
  if (schemas.some(holdsSecret)) node.hidden = true;
  if (node.faulty || typeof node.value !== 'string') return;
  const metas = schemas.map(metaOf);
  if (metas.some(({ secret }) => secret === true) && node.value.startsWith(FILE))
    readSecret(node, path, around);
  else if (metas.some(({ path: isPath }) => isPath === true)) resolvePath(node, path, around);
  else if (node.variables.length > 0) node.value = typed(schemas, node.value);
}

function readSecret(node: ScalarNode, path: Path, around: Surroundings): void {
  const named = String(node.value).slice(FILE.length);
  const file = resolve(around.directory, named);
  const got = unreadable(file);
  if (got === null) {
    node.value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (node.value !== '') return;
  }
  node.faulty = true;
  around.faults.add(node.start, path, {
    expected: `a file with the secret at ${node.variables.length > 0 ? 'the path' : file}`,
    got: got ?? 'an empty one',
    hint: 'A relative path starts at the directory of the config file.',
  });
}

function unreadable(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    const stats = statSync(file);
    if (!stats.isFile()) return 'something that is no file';
    return stats.size > MAX_SECRET_BYTES ? `one of ${stats.size} bytes` : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'one that may not be read' : 'none';
  }
}

function resolvePath(node: ScalarNode, path: Path, around: Surroundings): void {
  const file = resolve(around.directory, String(node.value));
  const got = unreadable(file);
  node.value = file;
  if (got === null || got.startsWith('one of')) return;
  node.faulty = true;
  around.faults.add(node.start, path, {
    expected: `a readable file at ${node.variables.length > 0 ? 'the path' : file}`,
    got,
    hint: 'A relative path starts at the directory of the config file.',
  });
}

/** The text of a variable as the kind of value that the field wants. */
function typed(schemas: readonly z.core.$ZodType[], text: string): ScalarNode['value'] {
  const kinds = new Set(schemas.flatMap(variantsOf).map(({ schema }) => schema._zod.def.type));
  if (kinds.has('string') || kinds.has('enum')) return text;
  if (kinds.has('number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kinds.has('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

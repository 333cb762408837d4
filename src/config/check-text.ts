/** A YAML text against a schema, with the faults of a config: where, what was expected, how to fix it. */
import { LineCounter } from 'yaml';
import type { z } from 'zod';
import { type Fault, Faults } from './fault.js';
import { validate } from './validate.js';
import { readTree } from './yaml-tree.js';

export type CheckedText<Value> =
  | { readonly value: Value; readonly faults: readonly [] }
  | { readonly value: null; readonly faults: readonly Fault[] };

/** `name`: of the text, for the faults. Reads no file and no variable. */
export function checkText<Value>(text: string, schema: z.ZodType<Value>, name: string): CheckedText<Value> {
  const lines = new LineCounter();
  const faults = new Faults(name, lines);
  const root = readTree(text, lines, faults);
  const value = root === null ? undefined : validate(schema, root, [], { directory: '.', faults });
  if (value !== undefined && !faults.any) return { value, faults: [] };
  return { value: null, faults: faults.sorted };
}

import type { z } from 'zod';
import { prepare, type Surroundings } from './prepare.js';
import { type Path, plain, type SourceNode } from './source-node.js';
import { reportIssues } from './zod-faults.js';

/** The value at `node` as the schema parses it, or undefined after its faults were reported. */
export function validate<Output>(
  schema: z.ZodType<Output>,
  node: SourceNode,
  path: Path,
  around: Surroundings,
  otherKeys: readonly string[] = [],
): Output | undefined {
  prepare([schema], node, path, around);
  const result = schema.safeParse(plain(node));
  if (result.success) return result.data;
  const checked = { schema, node, path, faults: around.faults, otherKeys };
  reportIssues(result.error.issues, checked);
  return undefined;
}

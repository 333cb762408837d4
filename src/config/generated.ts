/** The files that are made from the fields, for scripts/generate.mjs and the test that they are fresh. */
import type { BridgeSpec } from './bridge-spec.js';
import { jsonSchema } from './json-schema.js';
import { referencePage } from './reference.js';

export interface GeneratedFile {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

export function generatedFiles(bridges: readonly BridgeSpec[]): readonly GeneratedFile[] {
  return [
    { path: 'config/parley.schema.json', text: `${JSON.stringify(jsonSchema(bridges), null, 2)}\n` },
    { path: 'docs/config.md', text: referencePage(bridges) },
  ];
}

/** One version of a document, as the bucket CONFIGS holds it. */
import { z } from 'zod';
import { DOCUMENT_NAME, MAX_TEXT_BYTES } from './document.js';

export interface Version {
  readonly name: string;
  /** From 1 on. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly comment: string;
  readonly text: string;
}

const word = z.string().max(500);
const versionSpec = z.object({
  name: z.string().regex(DOCUMENT_NAME),
  version: z.int().min(1),
  time: z.iso.datetime(),
  author: z.object({ id: word, name: word }),
  comment: word,
  text: z.string().max(MAX_TEXT_BYTES),
});

/** Written once, by one writer: two that write the same version write two keys. */
export function keyOf({ name, version }: Pick<Version, 'name' | 'version'>, id: string): string {
  return `${name} ${version} ${id}`;
}

/** Null: nothing, or something that this release does not understand. */
export function readVersion(key: string, value: unknown): Version | null {
  const { data } = versionSpec.safeParse(value);
  return data !== undefined && key.startsWith(`${data.name} ${data.version} `) ? data : null;
}

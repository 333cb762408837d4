/** The first file of a backup: what is in it, and how to know that it is whole. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ParleyError } from '../errors.js';

export const MANIFEST = 'manifest.json';
/** The last file, as `sha256sum` writes it: of the manifest, which has those of all others. */
export const SEAL = 'manifest.sha256';
export const CONFIG = 'parley.yaml';
export const STREAMS = 'streams';
export const STORE = 'store';
/** What of the store is needed to come back as the same node. */
export const STORE_FILES = [
  'credentials.json',
  'cluster.json',
  'tls/ca.pem',
  'tls/ca.key',
  'tls/node.pem',
  'tls/node.key',
] as const;

/** A closed list: a name is where the file goes. */
const NAME = /^streams\/[A-Za-z0-9_=-]{1,200}\.(?:snapshot|json)$/;
const FIXED: ReadonlySet<string> = new Set([CONFIG, ...STORE_FILES.map((file) => `${STORE}/${file}`)]);

const count = z.int().nonnegative();
const partSpec = z.strictObject({
  /** Its path in the backup. */
  name: z.string().refine((name) => FIXED.has(name) || NAME.test(name), 'unknown file'),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const streamSpec = z.strictObject({
  stream: z.string().min(1),
  /** At the least: what was stored while the backup was taken may be in it, too. */
  messages: count,
  lastSequence: count,
  consumers: count,
  bytes: count,
});
const manifestSpec = z.strictObject({
  format: z.literal('parley-backup'),
  version: z.literal(1),
  /** RFC 3339, UTC: all that was accepted before is in it. */
  time: z.iso.datetime(),
  parley: z.string(),
  natsServer: z.string(),
  gateway: z.string(),
  prefix: z.string().min(1),
  /** `servers`: of those that the config names under `backbone`. */
  kind: z.enum(['node', 'servers']),
  streams: z.array(streamSpec),
  parts: z.array(partSpec),
});

export type Manifest = Readonly<z.output<typeof manifestSpec>>;
export type Part = Readonly<z.output<typeof partSpec>>;

export interface BackupInfo {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: Manifest;
  /** The config as it was read; it may hold secrets that were written into it. */
  readonly config: string;
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function sealOf(manifest: string): string {
  return `${createHash('sha256').update(manifest).digest('hex')}  ${MANIFEST}\n`;
}

/** Throws BACKUP_INVALID. */
export function parseManifest(text: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, 'its manifest is not JSON', error);
  }
  refuseLater(value, file);
  const result = manifestSpec.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'all'}: ${message}`);
    throw invalid(file, `its manifest is not one: ${faults.slice(0, 3).join('; ')}`, result.error);
  }
  const names = result.data.parts.map(({ name }) => name);
  if (new Set(names).size < names.length) throw invalid(file, 'its manifest names a file twice');
  return result.data;
}

function refuseLater(value: unknown, file: string): void {
  const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== 'parley-backup' || typeof version !== 'number' || version <= 1) return;
  throw new ParleyError('BACKUP_INVALID', `${file}: it has version ${version} of the format, we know 1`, {
    fix: 'Restore it with the Parley that made it, or a later one.',
  });
}

export function invalid(file: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('BACKUP_INVALID', `${file}: ${reason}`, {
    fix: 'Take another copy of the file, or another backup. Nothing was changed.',
    ...(cause === undefined ? {} : { cause }),
  });
}

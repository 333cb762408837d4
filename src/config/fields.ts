/** The field kinds that config specs are made of: each carries its description into the schema and the reference page. */
import { z } from 'zod';

export const field = z;

/**
 * What a field may say of itself in `.meta()`, beside its `description`.
 * `expected` and `hint` are words for faults; `secret` hides the value and allows `file:path`; `path` is made
 * absolute, relative to the directory of the config file.
 */
export interface FieldMeta {
  readonly description?: string;
  readonly expected?: string;
  readonly hint?: string;
  readonly secret?: boolean;
  readonly path?: boolean;
}

/** A TCP port, 1–65535. `hint` is shown with a wrong one: `Usually 6697 (TLS) or 6667.` */
export function portField(description: string, hint?: string) {
  const expected = 'a port 1-65535';
  return z
    .int()
    .min(1)
    .max(65535)
    .meta({ description, expected, ...(hint === undefined ? {} : { hint }) });
}

/** A host name or IP address without port. */
export function hostField(description: string) {
  return z
    .string()
    .regex(/^[A-Za-z0-9._:-]+$/, 'expected a host name or an IP address')
    .meta({ description, expected: 'a host name or an IP address' });
}

/** The path of a file that must be readable, relative to the config file. Parsed to the absolute path. */
export function fileField(description: string) {
  return z.string().min(1).meta({ description, expected: 'the path of a readable file', path: true });
}

/** A secret: `${ENV}`, `file:path` or the text itself. Parsed to the secret's text; never printed. */
export function secretField(description: string) {
  return z.string().min(1).meta({ description, secret: true });
}

/** A channel address on the network; what is valid is the bridge's to say. */
export function channelField(description: string) {
  return z.string().min(1).meta({ description, expected: 'a channel' });
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `250ms`, `30s`, `15m`, `1h`, `7d`. Parsed to milliseconds. */
export function durationField(description: string) {
  return z
    .string()
    .regex(DURATION, 'expected a duration such as "30s", "15m" or "7d"')
    .transform(durationMs)
    .meta({ description, expected: 'a duration such as "30s", "15m" or "7d"' });
}

function durationMs(text: string): number {
  const [, amount = '0', unit = 'ms'] = DURATION.exec(text) ?? [];
  return Number(amount) * (UNIT_MS[unit] ?? 1);
}

const SIZE = /^(\d+(?:\.\d+)?)(B|[KMGT]i?B)$/;

/** `512KB`, `1GB` (powers of 1000), `1GiB` (powers of 1024). Parsed to bytes. */
export function sizeField(description: string) {
  return z
    .string()
    .regex(SIZE, 'expected a size such as "512MB" or "1GB"')
    .transform(sizeBytes)
    .meta({ description, expected: 'a size such as "512MB" or "1GB"' });
}

function sizeBytes(text: string): number {
  const [, amount = '0', unit = 'B'] = SIZE.exec(text) ?? [];
  const base = unit.includes('i') ? 1024 : 1000;
  return Math.round(Number(amount) * base ** ' KMGT'.indexOf(unit.length === 1 ? ' ' : unit.charAt(0)));
}

/** TLS towards a server: `true`, `false`, or the details. Certificates are verified unless `verify: false`. */
export function tlsField(description: string) {
  return z
    .union([
      z.boolean(),
      z.strictObject({
        verify: z.boolean().default(true).meta({ description: 'Verify the certificate of the server.' }),
        ca: fileField('PEM file of a CA to trust beside the system ones.').optional(),
        cert: fileField('PEM file of the client certificate.').optional(),
        key: fileField('PEM file of the key of the client certificate.').optional(),
        serverName: z.string().optional().meta({ description: 'Name to expect in the certificate (SNI).' }),
      }),
    ])
    .meta({ description });
}

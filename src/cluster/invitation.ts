/**
 * The one line that lets a machine in. It holds a secret: whoever reads it before it is used or has expired can join.
 * The secret itself never crosses the network: request and answer are signed and sealed with a key derived from it.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { z } from 'zod';
import { ParleyError } from '../errors.js';

const HEAD = 'parley-join-1:';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Longer lines are not ours; a real one is about 1,200 characters. */
const LONGEST_LINE = 16_384;

const address = z.string().regex(/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[1-9]\d{0,4}$/);
const lineSpec = z.strictObject({
  /** Where the inviter's clients connect; any may be tried. */
  addresses: z.array(address).min(1),
  tls: z.boolean(),
  prefix: z.string().min(1),
  cluster: z.string().min(1),
  inviter: z.string().min(1),
  /** PEM of the cluster's CA: the inviter must show a certificate of it, and it becomes the new node's. */
  ca: z.string().nullable(),
  /** Of the user who may only ask to join. */
  password: z.string().min(1),
  id: z.string().min(1),
  secret: z.string().min(32),
  /** For a machine that nothing needs to reach: it becomes a leaf. */
  leaf: z.literal(true).optional(),
});
export type Invitation = Readonly<z.output<typeof lineSpec>>;

export function formatInvitation(invitation: Invitation): string {
  return HEAD + Buffer.from(JSON.stringify(invitation)).toString('base64url');
}

/** Throws USAGE for a line that is no invitation, or was cut off. Never shows what it holds. */
export function parseInvitation(line: string): Invitation {
  const text = line.trim();
  if (!text.startsWith(HEAD) || text.length > LONGEST_LINE) throw noLine('it does not begin as one');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text.slice(HEAD.length), 'base64url').toString());
  } catch {
    throw noLine('it is not whole');
  }
  const result = lineSpec.safeParse(value);
  if (!result.success) throw noLine('parts of it are missing');
  return result.data;
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the inviter keeps of the secret. */
export function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'parley join 1', '', KEY_BYTES));
}

export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

export function isSigned(key: Buffer, text: string, signature: string): boolean {
  const [expected, got] = [Buffer.from(sign(key, text)), Buffer.from(signature)];
  return expected.length === got.length && timingSafeEqual(expected, got);
}

export function seal(key: Buffer, value: unknown): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

/** Throws CLUSTER_INVALID when it was not sealed with this key. */
export function unseal(key: Buffer, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const body = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(body.toString());
  } catch (error) {
    throw new ParleyError('CLUSTER_INVALID', 'the answer is not from the node that made the invitation', {
      fix: 'Make a new line with `parley node invite` on a machine that you trust.',
      cause: error,
    });
  }
}

function noLine(reason: string): ParleyError {
  return new ParleyError('USAGE', `that is no invitation: ${reason}`, {
    fix: 'Copy the whole line that `parley node invite` printed; it begins with "parley-join-1:".',
  });
}

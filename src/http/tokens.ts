/**
 * Who may call. Only the SHA-256 of a token is kept. A slow password hash would add nothing: a token is 256 random
 * bits, so there is no dictionary to try, and one fast hash per request keeps the API fast.
 */
import { hash, randomBytes } from 'node:crypto';
import { NARROW_SCOPES, SCOPES, type Scope, type TokenConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';

/** Value in the TOKENS bucket, under the token's name. Deleting it revokes the token at once on every node. */
export interface TokenRecord extends TokenConfig {
  /** RFC 3339, UTC. */
  readonly created: string;
}

export interface NewToken {
  /** `parley_` and 43 characters. Shown once, stored nowhere. */
  readonly token: string;
  readonly record: TokenRecord;
}

/** Throws TOKEN_INVALID when the name or a scope is malformed. */
export function createToken(name: string, scopes: readonly Scope[], now = new Date()): NewToken {
  if (!NAME.test(name))
    throw new ParleyError('TOKEN_INVALID', `token name ${JSON.stringify(name)} is malformed`, {
      fix: 'Use 1–64 letters, digits, "-" and "_".',
    });
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined || scopes.length === 0)
    throw new ParleyError('TOKEN_INVALID', `token ${name}: ${wrong ?? 'no scope'} is not a scope`, {
      fix: `Use ${SCOPES.join(', ')}, read:{room}, write:{room} or config:{document}.`,
    });
  const token = `parley_${randomBytes(32).toString('base64url')}`;
  return { token, record: { name, hash: hashToken(token), scopes, created: now.toISOString() } };
}

/** `sha256:<64 hex>`. */
export function hashToken(token: string): string {
  return `sha256:${hash('sha256', token, 'hex')}`;
}

/** False for whatever else may lie in the bucket. */
export function isTokenRecord(value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { name, hash, scopes } = value as Partial<Record<keyof TokenRecord, unknown>>;
  if (typeof name !== 'string' || !NAME.test(name)) return false;
  if (typeof hash !== 'string' || !HASH.test(hash)) return false;
  return Array.isArray(scopes) && scopes.every(isScope);
}

// No ":" in a name, so that the author id `http:{token}:{name}` can be taken apart.
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const HASH = /^sha256:[0-9a-f]{64}$/;
const NARROW = new RegExp(`^(?:${NARROW_SCOPES.join('|')}):.+$`);

function isScope(value: unknown): value is Scope {
  return typeof value === 'string' && ((SCOPES as readonly string[]).includes(value) || NARROW.test(value));
}

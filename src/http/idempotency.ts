/**
 * Safe repeats. The event id is made from who asks and their key, so the log itself recognises a repeat by its id:
 * over a lost answer, a restart and another node alike, for as long as the log remembers ids (2 minutes).
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import type { FastifyRequest } from 'fastify';
import { derivedId } from '../message/index.js';
import { HttpProblem } from './problem.js';

// The draft has a quoted string (RFC 8941 §3.3.3); most clients send it bare.
const KEY = /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,256})"|([\x21\x23-\x7e]{1,256}))$/;

/** The caller's key, or null. Throws HttpProblem IDEMPOTENCY_KEY_INVALID. */
export function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  const found = typeof header === 'string' ? KEY.exec(header) : null;
  const key = found?.[1] ?? found?.[2];
  if (key !== undefined) return key;
  throw new HttpProblem('IDEMPOTENCY_KEY_INVALID', 'Idempotency-Key is not one string of 1–256 characters.', {
    fix: 'Send one visible ASCII string, such as a UUID.',
  });
}

/** The same for the same token, key and place in the batch. */
export function keyedId(token: string, key: string, index: number): string {
  // No network can be called so: "/" is not allowed in a name.
  return derivedId({ network: `http/${token}`, nativeId: index === 0 ? key : `${key}\0${index}` });
}

/** The id of a CloudEvent is unique within its source (CloudEvents 1.0.2 §3.1). */
export function cloudEventId(token: string, source: string, id: string): string {
  return derivedId({ network: `cloudevent/${token}`, nativeId: `${source}\0${id}` });
}

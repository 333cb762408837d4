/** How the body of a request becomes a value. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.js';

const TYPES = ['application/json', 'application/cloudevents+json'];
/** A byte that is not UTF-8 is a client that writes another encoding: told now, or its umlauts are gone for good. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** JSON alone, as UTF-8 (RFC 8259 §8.1) and not compressed. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(TYPES, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const refusal = refusalOf(request);
    if (refusal !== null) return done(refusal);
    const text = textOf(body);
    return typeof text === 'string' ? parse(request, text, done) : done(text);
  });
}

function refusalOf({ headers }: FastifyRequest): HttpProblem | null {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null;
  return new HttpProblem('MEDIA_TYPE_UNKNOWN', 'The body has a Content-Encoding, and none is taken.', {
    fix: 'Send the body as it is, without compressing it.',
    // RFC 9110 §15.5.16.
    headers: { 'accept-encoding': 'identity' },
  });
}

function textOf(body: Buffer): string | HttpProblem {
  try {
    return UTF_8.decode(body);
  } catch {
    return new HttpProblem('JSON_INVALID', 'The body is not UTF-8.', { fix: 'Encode the JSON as UTF-8.' });
  }
}

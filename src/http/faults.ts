/** Turns whatever a request ran into to a problem: Fastify's own errors, schema faults, ParleyErrors, bugs. */
import type { FastifyError } from 'fastify';
import { ParleyError, reasonOf } from '../errors.js';
import { HttpProblem, type ProblemCode } from './problem.js';

/** Anything that has no answer of its own is a bug and becomes a 500 that tells nothing about the inside. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof ParleyError) return ofParley(error);
  if (!isFastifyError(error)) return internal(error);
  if (error.validation !== undefined) return ofValidation(error);
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new HttpProblem(known.code, known.detail, { fix: known.fix, cause: error });
  return error.statusCode === 400
    ? new HttpProblem('JSON_INVALID', reasonOf(error), { fix: 'Send one valid JSON value.', cause: error })
    : internal(error);
}

interface Known {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly fix: string;
}

const BODY_FIX = 'Send a body of at most 256 KB; several messages can go in several requests.';
const EMPTY: Known = {
  code: 'JSON_INVALID',
  detail: 'The body is empty.',
  fix: 'Send a JSON body, for example {"text": "hello"}.',
};
const FASTIFY_CODES: Readonly<Record<string, Known>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', detail: 'The body is over 256 KB.', fix: BODY_FIX },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'MEDIA_TYPE_UNKNOWN',
    detail: 'The Content-Type of the body is not one that this resource takes.',
    fix: 'Send Content-Type: application/json.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: EMPTY,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'REQUEST_INVALID',
    detail: 'The body is not as long as Content-Length says.',
    fix: 'Send the length of the body in bytes, or leave the header to the HTTP library.',
  },
  FST_ERR_BAD_URL: {
    code: 'URL_INVALID',
    detail: 'The path has a malformed percent-encoding.',
    fix: 'Percent-encode the room name as UTF-8.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    code: 'ROUTE_UNKNOWN',
    detail: 'A part of the path is longer than any name can be.',
    fix: 'See GET /v1/rooms for the rooms there are.',
  },
};

function ofParley(error: ParleyError): HttpProblem {
  const fix = error.fix === undefined ? {} : { fix: error.fix };
  const options = { ...fix, cause: error };
  switch (error.code) {
    case 'NOT_FOUND':
      return new HttpProblem('NOT_FOUND', error.message, options);
    case 'EVENT_INVALID':
      return new HttpProblem('EVENT_REFUSED', error.message, options);
    case 'USAGE':
      return new HttpProblem('BODY_INVALID', error.message, options);
    case 'NOT_OWNER':
      return new HttpProblem('NETWORK_UNAVAILABLE', error.message, options);
    case 'CHANNEL_CONFIGURED':
    case 'CONFIG_CHANGED':
    case 'SENDER_REFUSED':
    case 'DELIVERY_FAILED':
    case 'NETWORK_UNAVAILABLE':
      return new HttpProblem(error.code, error.message, options);
    case 'OUTBOX_FULL':
      return new HttpProblem('OUTBOX_FULL', error.message, { ...options, headers: { 'retry-after': '1' } });
    case 'BACKBONE_UNAVAILABLE':
      return new HttpProblem('BACKBONE_UNAVAILABLE', error.message, {
        ...options,
        headers: { 'retry-after': '2' },
      });
    default:
      return internal(error);
  }
}

function ofValidation(error: FastifyError): HttpProblem {
  const first = error.validation?.[0];
  const where = error.validationContext ?? 'body';
  const pointer = first?.instancePath ?? '';
  const detail = `${where}${pointer} ${first?.message ?? 'is not valid'}${offender(first?.params)}`;
  const code = where === 'body' ? 'BODY_INVALID' : 'QUERY_INVALID';
  return new HttpProblem(code, detail, { fix: 'See /openapi.json for the schema.', members: { pointer } });
}

/** Names what the schema library leaves out: the unknown property, the values it may have. */
function offender(params: Readonly<Record<string, unknown>> | undefined): string {
  if (typeof params?.additionalProperty === 'string')
    return `: "${params.additionalProperty}" is not one of them`;
  return Array.isArray(params?.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
}

function internal(cause: unknown): HttpProblem {
  return new HttpProblem('INTERNAL', 'The request failed because of a fault in Parley.', {
    fix: 'See the log of the gateway; report it if it happens again.',
    cause,
  });
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}

/** Errors on the wire: application/problem+json (RFC 9457) with a `code` for programs and a `fix` for people. */
import type { FastifyReply } from 'fastify';

/** Every problem that the API answers with: HTTP status and title. */
export const PROBLEMS = {
  URL_INVALID: [400, 'Malformed URL'],
  REQUEST_INVALID: [400, 'Malformed HTTP request'],
  UPGRADE_UNKNOWN: [400, 'No such upgrade here'],
  JSON_INVALID: [400, 'Body is not valid JSON'],
  BODY_INVALID: [400, 'Body does not match the schema'],
  QUERY_INVALID: [400, 'Query does not match the schema'],
  CURSOR_UNKNOWN: [400, 'Cursor is not in the log'],
  IDEMPOTENCY_KEY_INVALID: [400, 'Malformed Idempotency-Key'],
  TOKEN_MISSING: [401, 'Token missing'],
  TOKEN_UNKNOWN: [401, 'Token unknown or revoked'],
  SCOPE_MISSING: [403, 'Token lacks a scope'],
  NOT_AUTHOR: [403, 'Said by somebody else'],
  SENDER_REFUSED: [403, 'Sender may not speak there'],
  ROUTE_UNKNOWN: [404, 'No such resource'],
  ROOM_UNKNOWN: [404, 'No such room'],
  NETWORK_UNKNOWN: [404, 'No such network'],
  NOT_FOUND: [404, 'Not found'],
  METHOD_NOT_ALLOWED: [405, 'Method not allowed'],
  REQUEST_TIMEOUT: [408, 'Request came too slowly'],
  DELIVERY_FAILED: [409, 'The network refused it again'],
  CHANNEL_CONFIGURED: [409, 'The config has the channel'],
  CONFIG_CHANGED: [412, 'Changed meanwhile'],
  BODY_TOO_LARGE: [413, 'Body too large'],
  TEXT_TOO_LONG: [413, 'Text too long'],
  MEDIA_TYPE_UNKNOWN: [415, 'Media type not supported'],
  CONFIG_INVALID: [422, 'No such document can be'],
  EVENT_REFUSED: [422, 'Event refused'],
  IDEMPOTENCY_KEY_REUSED: [422, 'Idempotency-Key was used for another request'],
  PRECONDITION_REQUIRED: [428, 'Precondition required'],
  RATE_LIMITED: [429, 'Too many requests'],
  HEADERS_TOO_LARGE: [431, 'Headers too large'],
  INTERNAL: [500, 'Internal error'],
  NOT_STORED_YET: [503, 'Not stored yet'],
  OUTBOX_FULL: [503, 'Outbox full'],
  BACKBONE_UNAVAILABLE: [503, 'Backbone unavailable'],
  TOKENS_UNKNOWN: [503, 'Tokens not known yet'],
  NETWORK_UNAVAILABLE: [503, 'Network unavailable'],
  NOT_READY: [503, 'Not ready'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;
export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  /** `urn:parley:problem:room-unknown`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly fix?: string;
  readonly [extension: string]: unknown;
}

export interface ProblemOptions {
  readonly fix?: string;
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem object (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Throw it in a hook or a handler: the server answers with `problem` and `headers`. */
export class HttpProblem extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HttpProblem';
    this.headers = options.headers ?? {};
    const [status, title] = PROBLEMS[code];
    const type = `urn:parley:problem:${code.toLowerCase().replaceAll('_', '-')}`;
    const fix = options.fix === undefined ? {} : { fix: options.fix };
    this.problem = { type, title, status, detail, code, ...fix, ...options.members };
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

export function sendProblem(reply: FastifyReply, { problem, headers }: HttpProblem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ ...headers })
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(problem));
}

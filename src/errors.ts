/** Every error that Parley raises on purpose has one of these codes; docs/errors.md explains each. */
export const ERROR_CODES = [
  'BACKBONE_CONFLICT',
  'BACKBONE_DENIED',
  'BACKBONE_UNAVAILABLE',
  'BACKBONE_UNFIT',
  'BACKUP_INVALID',
  'CERTIFICATE_INVALID',
  'CHANNEL_CONFIGURED',
  'CLUSTER_INVALID',
  'CONFIG_CHANGED',
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'DELIVERY_FAILED',
  'EVENT_INVALID',
  'GATEWAY_NOT_RUNNING',
  'INTERNAL',
  'INVITATION_REFUSED',
  'NETWORK_REFUSED',
  'NETWORK_UNAVAILABLE',
  'NODE_FAILED',
  'NODE_MISSING',
  'NODE_TOO_OLD',
  'NOT_FOUND',
  'NOT_OWNER',
  'OUTBOX_FULL',
  'PORT_TAKEN',
  'RESTORE_UNFINISHED',
  'SENDER_REFUSED',
  'STORE_NOT_EMPTY',
  'STORE_UNWRITABLE',
  'TOKEN_INVALID',
  'USAGE',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorOptions {
  /** What the reader should do next: one imperative sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** An expected failure: `message` says what happened and where, `fix` what to do next. Never carries a secret. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.fix = options.fix;
  }
}

/**
 * What became of a message that could not be delivered:
 * `rejected` (the network will never take it: dead-letter it), `unavailable` (surely not sent: keep it),
 * `unknown` (maybe sent: one retry, which may double it).
 */
export type DeliveryOutcome = 'rejected' | 'unavailable' | 'unknown';

export class DeliveryError extends ParleyError {
  readonly outcome: DeliveryOutcome;

  constructor(outcome: DeliveryOutcome, message: string, options: ErrorOptions = {}) {
    super('DELIVERY_FAILED', message, options);
    this.outcome = outcome;
  }
}

/** Thrown by `Bridge.open` when no retry can help before a person has changed something. */
export class PermanentError extends ParleyError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('NETWORK_REFUSED', message, options);
  }
}

/** The network asks to be left alone for a while (K-line, throttle): retried, but no sooner than `retryAfterMs`. */
export class ThrottledError extends ParleyError {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, options: ErrorOptions = {}) {
    super('NETWORK_UNAVAILABLE', message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

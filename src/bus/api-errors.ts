import { ErrorCode, NatsError } from 'nats';
import { reasonOf } from '../errors.js';

/** The server's JetStream error code (nats-server server/errors.json), or null when it is not such an error. */
function apiErrorCode(error: unknown): number | null {
  return error instanceof NatsError ? (error.api_error?.err_code ?? null) : null;
}

const CONSUMER_NOT_FOUND = 10014;
const MESSAGE_NOT_FOUND = 10037;
const STREAM_NAME_TAKEN = 10058;
const STREAM_NOT_FOUND = 10059;
const JETSTREAM_NOT_ENABLED_FOR_ACCOUNT = 10039;
const JETSTREAM_NOT_ENABLED = 10076;
/** "stream message delete failed": what 2.9.10 says when there is none; it names the reason in the description. */
const DELETE_FAILED = 10057;

export const NO_PLACE = /no suitable peers|insufficient resources/;

/** The stream, consumer or message that was asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  const code = apiErrorCode(error);
  if (code === DELETE_FAILED) return reasonOf(error) === 'no message found';
  return code === CONSUMER_NOT_FOUND || code === MESSAGE_NOT_FOUND || code === STREAM_NOT_FOUND;
}

/** Somebody else made a stream of this name, with other limits, a moment ago. */
export function isNameTaken(error: unknown): boolean {
  return apiErrorCode(error) === STREAM_NAME_TAKEN;
}

/** A leader that was just chosen knows of no other servers yet, or one of them is away. */
export function isNoPlace(error: unknown): boolean {
  return error instanceof NatsError && NO_PLACE.test(error.message);
}

/** Nobody listens on the subject. */
export function isUnanswered(error: unknown): boolean {
  return (
    error instanceof NatsError && (error.code === ErrorCode.NoResponders || error.code === ErrorCode.Timeout)
  );
}

/** The server, or the account of this user, has no JetStream. */
export function isWithoutJetStream(error: unknown): boolean {
  const code = apiErrorCode(error);
  return code === JETSTREAM_NOT_ENABLED || code === JETSTREAM_NOT_ENABLED_FOR_ACCOUNT;
}

/** The user may not publish there. */
export function isDenied(error: unknown): boolean {
  return error instanceof NatsError && error.isPermissionError();
}

/** Nobody at all listens on the subject, which the server says at once. */
export function hasNoResponders(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.NoResponders;
}

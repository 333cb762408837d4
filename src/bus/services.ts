/** Questions and answers between processes: JSON both ways, errors carried back whole. */
import { JSONCodec, type Msg, type NatsConnection, RequestStrategy } from 'nats';
import { ERROR_CODES, type ErrorCode, ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { isUnanswered } from './api-errors.js';
import type { Connection } from './connection.js';
import { subscribed } from './subscribed.js';
import type { Subscription } from './types.js';

const codec = JSONCodec();

interface Answer {
  readonly answer?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
}

/** Throws BACKBONE_UNAVAILABLE when nobody answers, and the answerer's own error when it failed. */
export async function request<Result>(
  nats: NatsConnection,
  subject: string,
  body: unknown,
  timeoutMs: number,
): Promise<Result> {
  const message = await nats
    .request(subject, codec.encode(body ?? null), { timeout: timeoutMs })
    .catch((error: unknown) => {
      throw noAnswer(subject, timeoutMs, error);
    });
  const { answer, error } = codec.decode(message.data) as Answer;
  if (error !== undefined) throw carriedError(error);
  return answer as Result;
}

/** Between two answers to a question that goes to all. */
const LULL_MS = 750;

/** Throws BACKBONE_UNAVAILABLE when nobody answers; who answers with an error is left out. */
export async function requestAll<Result>(
  nats: NatsConnection,
  subject: string,
  body: unknown,
  timeoutMs: number,
): Promise<readonly Result[]> {
  const answers: Result[] = [];
  try {
    const options = { strategy: RequestStrategy.JitterTimer, maxWait: timeoutMs, jitter: LULL_MS };
    for await (const message of await nats.requestMany(subject, codec.encode(body ?? null), options)) {
      const { answer, error } = codec.decode(message.data) as Answer;
      if (error === undefined) answers.push(answer as Result);
    }
  } catch (error) {
    throw noAnswer(subject, timeoutMs, error);
  }
  if (answers.length === 0) throw noAnswer(subject, timeoutMs, new Error('nobody answers'));
  return answers;
}

/** Answers every request on the subject; of several who serve it, one in `group` gets each (null: each gets it). */
export function serve(
  connection: Connection,
  subject: string,
  group: string | null,
  handler: (body: unknown, subject: string) => Promise<unknown>,
  log: Logger,
): Subscription {
  const subscription = connection.subscribe(subject, {
    ...(group === null ? {} : { queue: group }),
    callback: (error, message) => {
      if (error === null) void answer(message, handler, log);
      else log.error('cannot serve', { subject, reason: error.message });
    },
  });
  return subscribed(subscription);
}

/** Never rejects: nats neither awaits nor catches its callbacks. */
async function answer(
  message: Msg,
  handler: (body: unknown, subject: string) => Promise<unknown>,
  log: Logger,
): Promise<void> {
  const reply = await settled(message, handler, log);
  try {
    message.respond(codec.encode(reply));
  } catch (error) {
    // Too large, or no JSON. It throws again only when the connection has just ended: then nobody can be told.
    log.error('cannot answer', { subject: message.subject, reason: reasonOf(error) });
    respondInternal(message, `the answer cannot be sent: ${reasonOf(error)}`);
  }
}

function respondInternal(message: Msg, reason: string): void {
  try {
    message.respond(codec.encode({ error: { code: 'INTERNAL', message: reason } }));
  } catch {
    // See above; the asker's time runs out.
  }
}

async function settled(
  message: Msg,
  handler: (body: unknown, subject: string) => Promise<unknown>,
  log: Logger,
): Promise<Answer> {
  try {
    // People who ask with a program of their own leave the body out.
    const body = message.data.length === 0 ? null : codec.decode(message.data);
    return { answer: (await handler(body, message.subject)) ?? null };
  } catch (error) {
    if (error instanceof ParleyError) return { error: plain(error) };
    log.error('a handler failed', { subject: message.subject, reason: reasonOf(error) });
    return { error: { code: 'INTERNAL', message: reasonOf(error) } };
  }
}

function plain(error: ParleyError): NonNullable<Answer['error']> {
  const { code, message, fix } = error;
  return { code, message, ...(fix === undefined ? {} : { fix }) };
}

function carriedError(error: NonNullable<Answer['error']>): ParleyError {
  return new ParleyError(isCode(error.code) ? error.code : 'INTERNAL', error.message, {
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  });
}

function isCode(code: string): code is ErrorCode {
  return ERROR_CODES.some((known) => known === code);
}

function noAnswer(subject: string, timeoutMs: number, error: unknown): ParleyError {
  const reason = isUnanswered(error) ? `nobody answers within ${timeoutMs} ms` : reasonOf(error);
  return new ParleyError('BACKBONE_UNAVAILABLE', `${subject}: ${reason}`, {
    fix: 'Check with "parley status" that the gateway and the network are up.',
    cause: error,
  });
}

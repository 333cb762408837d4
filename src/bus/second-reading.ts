/**
 * A stretch of the room log that a network's consumer may have been led past is read a second time.
 *
 * Problem: a consumer is given what its leader's copy of the log has; of what that lacks nobody tells it, and it does not
 * go back (docs/decisions/0008). Idea: a second durable consumer for the network begins where the copies begin to differ,
 * and is there until all up to the place of the first one has been said. Being on the servers, it waits for whoever owns
 * the network, and knows what is said of it when that one dies. What was said is known by its id, as ever. Why it is safe:
 * it is made while the odd copy is away (node/misled.ts), which comes back as the others are. What it cannot do: know
 * what was said before the memory of all gateways begins: that is said again, or told in a digest line.
 */
import { AckPolicy, DeliverPolicy, type JetStreamManager, nanos } from 'nats';
import type { Logger } from '../log.js';
import { isNotFound } from './api-errors.js';
import { patiently } from './patiently.js';
import type { Subjects } from './subjects.js';

/** What an owner had in hand when it died is given to the next one after that; what is held back is known by its id then. */
const ACK_WAIT_MS = 60_000;
/** Of what is late anyway, no more than this is taken at once. */
const MAX_ACK_PENDING = 1000;

/** Told, with `ReadAgain`, when a second reading was begun. */
export const READ_AGAIN = ['log', 'again'];

export interface ReadAgain {
  /** The first sequence that anybody may have been led past. */
  readonly from: number;
}

/** Of what was told; whoever tells something else has an older version, and knows only that there is something. */
export function begunFrom(body: unknown): number {
  const { from } = (body ?? {}) as Partial<ReadAgain>;
  return typeof from === 'number' && Number.isSafeInteger(from) && from > 0 ? from : 1;
}

export interface SecondReadings {
  readonly manager: JetStreamManager;
  readonly subjects: Subjects;
  readonly log: Logger;
  readonly goingOn: () => boolean;
}

/** `stretches`: by consumer, where it begins. Those of readers, which are gone soon, are left out. */
export async function beginSecondReadings(
  source: SecondReadings,
  stretches: ReadonlyMap<string, number>,
): Promise<void> {
  const all = [...stretches].map(([consumer, from]) =>
    patiently(() => begin(source, consumer, from), source.goingOn),
  );
  await Promise.all(all);
}

/** One that is there already, made by another node, goes on: it begins no later than where the copies differ either. */
async function begin({ manager, subjects, log }: SecondReadings, first: string, from: number): Promise<void> {
  const { roomStream, everyRoom } = subjects;
  const consumer = await found(manager, roomStream, first);
  if (consumer === null || consumer.config.durable_name === undefined || subjects.isSecond(first)) return;
  const name = subjects.secondOf(first);
  if ((await found(manager, roomStream, name)) !== null) return;
  const until = consumer.delivered.stream_seq;
  await manager.consumers.add(roomStream, {
    durable_name: name,
    description: described(until),
    ack_policy: AckPolicy.Explicit,
    filter_subject: everyRoom,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: MAX_ACK_PENDING,
  });
  log.warn('a stretch of the room log is read again', { consumer: first, from, until });
}

/** Null: it does not exist. */
export async function found(manager: JetStreamManager, stream: string, name: string) {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Where the first one was when the second began: kept with the consumer. */
function described(until: number): string {
  return `reads again until ${until}`;
}

export function untilIn(description = ''): number {
  return Number(/ until (\d+)$/.exec(description)?.[1] ?? 0);
}

import type { ConsumerInfo, JetStreamManager } from 'nats';
import { isNotFound } from '../api-errors.js';
import type { StreamState } from './types.js';

/** Null: there is no such stream. */
export async function stateOf(manager: JetStreamManager, stream: string): Promise<StreamState | null> {
  try {
    const { state } = await manager.streams.info(stream);
    const consumers: ConsumerInfo[] = [];
    for await (const consumer of manager.consumers.list(stream)) consumers.push(consumer);
    return {
      messages: state.messages,
      firstSequence: state.first_seq,
      lastSequence: state.last_seq,
      consumers: consumers
        .filter(({ config }) => (config.durable_name ?? '') !== '')
        .map((consumer) => ({
          name: consumer.name,
          ackFloor: consumer.ack_floor.stream_seq,
          unacked: consumer.num_ack_pending,
          pending: consumer.num_pending,
        }))
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** What may have changed without anything being lost. */
export interface Tolerance {
  /** The oldest messages may have ended, as the stream's limit of age wants, and with them what was not acknowledged of them. */
  readonly aging: boolean;
  /** It was in use while it was saved: more may have been stored, acknowledged, and removed by its limits. */
  readonly live: boolean;
}

/** What differs, in words; empty: nothing. */
export function difference(expected: StreamState, got: StreamState, { aging, live }: Tolerance): string {
  const faults: string[] = [];
  const say = (what: string, one: number, other: number): void => {
    faults.push(`${what}: expected ${one}, got ${other}`);
  };
  const aged = aging || live ? Math.max(0, got.firstSequence - expected.firstSequence) : 0;
  if (got.firstSequence !== expected.firstSequence + aged) {
    say('first sequence', expected.firstSequence, got.firstSequence);
  }
  if (live ? got.lastSequence < expected.lastSequence : got.lastSequence !== expected.lastSequence) {
    say('last sequence', expected.lastSequence, got.lastSequence);
  }
  // A key that was put again, and a dead letter that was dropped, leave gaps anywhere: nothing to count by.
  if (!live && (got.messages > expected.messages || got.messages < expected.messages - aged)) {
    say('messages', expected.messages, got.messages);
  }
  const found = new Map(got.consumers.map((consumer) => [consumer.name, consumer]));
  for (const { name, ackFloor } of expected.consumers) {
    const now = found.get(name)?.ackFloor;
    if (now === undefined) faults.push(`consumer ${name}: missing`);
    else if (now < ackFloor || (aged === 0 && now > ackFloor && !live))
      say(`acknowledged by ${name}`, ackFloor, now);
  }
  return faults.join('; ');
}

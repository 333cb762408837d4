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

/** What differs, in words; empty: nothing. Messages may have grown too old on the way: never fewer than `least`. */
export function difference(expected: StreamState, got: StreamState): string {
  const faults: string[] = [];
  const compare = (what: string, one: unknown, other: unknown): void => {
    if (one !== other) faults.push(`${what}: expected ${one}, got ${other}`);
  };
  compare('messages', expected.messages, got.messages);
  compare('first sequence', expected.firstSequence, got.firstSequence);
  compare('last sequence', expected.lastSequence, got.lastSequence);
  const found = new Map(got.consumers.map((consumer) => [consumer.name, consumer]));
  for (const { name, ackFloor } of expected.consumers) {
    const consumer = found.get(name);
    if (consumer === undefined) faults.push(`consumer ${name}: missing`);
    else compare(`acknowledged by ${name}`, ackFloor, consumer.ackFloor);
  }
  return faults.join('; ');
}

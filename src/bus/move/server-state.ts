import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats';
import { isNotFound } from '../api-errors.js';
import type { SavedStream, StreamState } from './types.js';

/** Null: there is no such stream. */
export async function stateOf(manager: JetStreamManager, stream: string): Promise<StreamState | null> {
  try {
    const { state } = await manager.streams.info(stream);
    const consumers: ConsumerInfo[] = [];
    for await (const consumer of manager.consumers.list(stream)) consumers.push(consumer);
    return streamState(
      state,
      consumers.filter(({ config }) => (config.durable_name ?? '') !== ''),
    );
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function streamState(state: StreamInfo['state'], consumers: readonly ConsumerInfo[]): StreamState {
  return {
    messages: state.messages,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    consumers: consumers
      .map((consumer) => ({
        name: consumer.name,
        ackFloor: consumer.ack_floor.stream_seq,
        unacked: consumer.num_ack_pending,
        pending: consumer.num_pending,
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

/** A stream of a cluster, and how far its leader thinks its copies are. */
export interface ClusteredState {
  readonly state: StreamState;
  readonly replicas: number;
  readonly current: number;
}

/**
 * The same for consumers that are known by name: a list waits 4 s for every one that has no leader yet. Null: there is no
 * such stream. Consumers that are not there are left out.
 */
export async function namedStateOf(
  manager: JetStreamManager,
  stream: string,
  consumers: readonly string[],
): Promise<ClusteredState | null> {
  try {
    const { state, config, cluster } = await manager.streams.info(stream);
    const found = await Promise.all(consumers.map((name) => consumerOf(manager, stream, name)));
    const level = (cluster?.replicas ?? []).filter(({ current, lag = 0 }) => current && lag === 0);
    return {
      state: streamState(
        state,
        found.filter((consumer) => consumer !== null),
      ),
      replicas: config.num_replicas,
      current: level.length + 1,
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function consumerOf(manager: JetStreamManager, stream: string, name: string) {
  return manager.consumers.info(stream, name).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
}

/** What may have changed without anything being lost. */
export interface Tolerance {
  /** The oldest messages may have ended, as the stream's limit of age wants, and with them what was not acknowledged of them. */
  readonly aging: boolean;
  /** It was in use while it was saved: more may have been stored, acknowledged, and removed by its limits. */
  readonly live: boolean;
}

export function toleranceOf({ config, live }: SavedStream): Tolerance {
  return { aging: Number(config.max_age ?? 0) > 0, live: live === true };
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

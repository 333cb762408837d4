/**
 * Problem: nats-server 2.9 snapshots the messages of a stream first and its consumers last. Of a stream in use, a
 * consumer comes back with a place behind the end of the stream; what is stored next takes the sequences that it has
 * passed, and it is never given them. Idea: the stream is moved on to where its furthest consumer is, by messages that
 * are deleted at once. Why safe: every consumer keeps its place and what it has acknowledged; what it had been given of
 * messages that are not there is struck off by their deletion. Only while nobody else uses the stream.
 */
import type { ConsumerInfo, JetStreamManager, NatsConnection } from 'nats';

/** Under way at once. */
const BATCH = 256;

export async function advance(
  nats: NatsConnection,
  manager: JetStreamManager,
  stream: string,
): Promise<void> {
  const { config, state } = await manager.streams.info(stream);
  const consumers: ConsumerInfo[] = [];
  for await (const consumer of manager.consumers.list(stream)) consumers.push(consumer);
  const isLeft = (consumer: ConsumerInfo): boolean => (consumer.config.durable_name ?? '') === '';
  // Watches and readers of clients that are not here.
  for (const { name } of consumers.filter(isLeft)) await manager.consumers.delete(stream, name);
  const places = consumers.filter((one) => !isLeft(one)).map(({ delivered }) => delivered.stream_seq);
  const subject = (config.subjects[0] ?? '').replaceAll(/[*>]/g, 'restored');
  const last = Math.max(state.last_seq, ...places);
  for (let next = state.last_seq; next < last; next += BATCH) {
    await fill(nats, manager, { stream, subject, count: Math.min(BATCH, last - next) });
  }
}

interface Filling {
  readonly stream: string;
  readonly subject: string;
  readonly count: number;
}

async function fill(
  nats: NatsConnection,
  manager: JetStreamManager,
  { stream, subject, count }: Filling,
): Promise<void> {
  const log = nats.jetstream();
  const stored = await Promise.all(Array.from({ length: count }, () => log.publish(subject)));
  await Promise.all(stored.map(({ seq }) => manager.streams.deleteMessage(stream, seq, false)));
}

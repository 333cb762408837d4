/** Messages to whoever listens now: nothing is stored, answered or repeated, and while disconnected nothing is sent. */
import { JSONCodec } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Connection } from './connection.js';
import { subscribed } from './subscribed.js';
import type { Subscription } from './types.js';

const codec = JSONCodec<unknown>();

export function tell(connection: Connection, subject: string, body: unknown): void {
  // The client would keep it and send it after the reconnect, when it is not true any more.
  if (connection.linked) connection.nats.publish(subject, codec.encode(body));
}

/** Every listener gets each message; what is no JSON is left out. */
export function hear(
  connection: Connection,
  subject: string,
  handler: (body: unknown) => void,
  log: Logger,
): Subscription {
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) {
        log.error('cannot listen', { subject, reason: error.message });
        return;
      }
      try {
        handler(codec.decode(message.data));
      } catch (fault) {
        log.warn('a message was not understood', { subject, reason: reasonOf(fault) });
      }
    },
  });
  return subscribed(subscription);
}

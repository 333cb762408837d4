import type { Subscription as NatsSubscription } from 'nats';
import type { Subscription } from './types.js';

/** The client's subscription as the rest of the program knows it. */
export function subscribed(subscription: NatsSubscription): Subscription {
  const closed = subscription.closed.then(() => undefined);
  closed.catch(() => {});
  return {
    closed,
    stop: async () => {
      if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}

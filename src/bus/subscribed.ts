import type { Listening } from './early-subscription.js';
import type { Subscription } from './types.js';

/** The client's subscription as the rest of the program knows it. */
export function subscribed(listening: Listening): Subscription {
  return { closed: listening.closed, stop: async () => listening.stop() };
}

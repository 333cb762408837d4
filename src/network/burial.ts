import type { Bus } from '../bus/index.js';
import type { Logger } from '../log.js';
import type { Counters } from './counters.js';
import type { Utterance } from './utterance.js';

export interface Graveyard {
  readonly network: string;
  readonly dead: Pick<Bus['dead'], 'put'>;
  readonly counters: Counters;
  readonly log: Logger;
}

/** Stores what a network refused. Throws BACKBONE_UNAVAILABLE. */
export async function bury(utterance: Utterance, reason: string, graveyard: Graveyard): Promise<void> {
  const { event, target, attempts, refused } = utterance;
  // A dead letter said again is stored already.
  if (refused !== null) return refused(reason);
  const { network, dead, counters, log } = graveyard;
  const { channel } = target;
  const time = new Date().toISOString();
  await dead.put({ network, channel, reason, attempts, time, event });
  counters.dead += 1;
  log.warn('dead letter', { channel, eventId: event.id, reason });
}

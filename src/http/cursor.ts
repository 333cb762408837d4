/** Places in a room's log: a stream sequence in digits, or an event id. */
import type { Bus } from '../bus/index.js';
import { HttpProblem } from './problem.js';
import { EVENT_ID } from './schemas.js';

// Shorter than any event id, and below 2^53.
const SEQUENCE = /^\d{1,15}$/;
const ID = new RegExp(EVENT_ID);

/** The sequence that the cursor names. Throws HttpProblem CURSOR_UNKNOWN. */
export async function sequenceAt(bus: Bus, room: string, cursor: string): Promise<number> {
  if (SEQUENCE.test(cursor)) return Number(cursor);
  const sequence = ID.test(cursor) ? await bus.sequenceOf(room, cursor) : null;
  if (sequence !== null) return sequence;
  throw new HttpProblem('CURSOR_UNKNOWN', `No event ${JSON.stringify(cursor)} in the log of room ${room}.`, {
    fix: 'Use the sequence of an event, or the id of an event that is still in the log.',
  });
}

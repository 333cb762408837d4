/** Places in a room's log: a stream sequence in digits, an event id, or both, as the ids of a stream of events. */
import type { Bus } from '../bus/index.js';
import { ParleyError } from '../errors.js';
import { HttpProblem } from './problem.js';
import { EVENT_ID } from './schemas.js';

// Shorter than any event id, and below 2^53.
const SEQUENCE = /^\d{1,15}$/;
const ID = new RegExp(EVENT_ID);
const BOTH = /^(\d{1,15})\.([\x21-\x7e]{1,64})$/;
/** So much of a room is read again by who comes with a place that the log never had. */
const DOUBTFUL = 200;

/** The sequence that the cursor names. Throws HttpProblem CURSOR_UNKNOWN. */
export async function sequenceAt(bus: Bus, room: string, cursor: string): Promise<number> {
  if (SEQUENCE.test(cursor)) return Number(cursor);
  const [, place, id] = BOTH.exec(cursor) ?? [];
  if (place !== undefined && id !== undefined) return soundPlace(bus, room, Number(place), id);
  const found = ID.test(cursor) ? await bus.sequenceOf(room, cursor) : null;
  if (found !== null) return found;
  throw new HttpProblem('CURSOR_UNKNOWN', `No event ${JSON.stringify(cursor)} in the log of room ${room}.`, {
    fix: 'Use the sequence of an event, or the id of an event that is still in the log.',
  });
}

/**
 * The sequence, where the log has that event there. It has another one where the reader was led by a server with an odd
 * copy (docs/decisions/0008), which numbers otherwise: then a place before that, rather some lines twice than one never.
 */
async function soundPlace(bus: Bus, room: string, sequence: number, id: string): Promise<number> {
  const there = await idAt(bus, sequence);
  if (there === null || there === id) return sequence;
  const [oldest] = await bus.read(room, { before: sequence, limit: DOUBTFUL });
  const lowest = oldest === undefined ? 0 : oldest.sequence - 1;
  return Math.max(lowest, Math.min(sequence, (bus.doubted ?? 0) - 1));
}

/** Null: there is none any more, or not yet. */
async function idAt(bus: Bus, sequence: number): Promise<string | null> {
  try {
    return (await bus.logged(sequence)).id;
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

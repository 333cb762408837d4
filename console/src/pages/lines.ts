/**
 * The lines of a room that the page holds: a window of its log.
 *
 * Problem: a room may have said a hundred thousand lines, and may say fifty a second; a page that keeps them all gets slow.
 * Idea: only a window is kept. At the live end what comes pushes out the oldest. Who reads further up keeps what is there,
 * with older lines loaded above, up to a greater number; from then on the newest are left out, and the live end is loaded
 * anew by who comes back to it. Edits and deletions change the line that they are about, also one that is loaded later.
 */
import type { Logged } from '../types.js';

/** So many are kept for who looks at the live end. */
export const LIVE = 400;
/** And for who reads further up. */
export const MOST = 1200;
/** Edits and deletions of lines that may be loaded later. */
const CHANGES = 1000;

export interface Line {
  readonly event: Logged;
  readonly edited: boolean;
  readonly deleted: boolean;
}

export interface Window {
  readonly lines: readonly Line[];
  /** What was edited or deleted, in order. */
  readonly changes: readonly Logged[];
  /** The newest line of the room is in it. */
  readonly isLive: boolean;
  /** There is nothing older. */
  readonly isWhole: boolean;
}

export const EMPTY: Window = { lines: [], changes: [], isLive: true, isWhole: false };

/** What was said just now. `reading`: somebody is further up, and what is there must stay. */
export function withNew(window: Window, events: readonly Logged[], reading = false): Window {
  const next = added(window, events);
  const { lines } = next;
  if (!window.isLive) return next;
  if (reading) return { ...next, lines: lines.slice(0, MOST), isLive: lines.length <= MOST };
  const cut = lines.slice(-LIVE);
  return { ...next, lines: cut, isWhole: window.isWhole && cut.length === lines.length };
}

/** A page of older lines, before those that are there. */
export function withOlder(window: Window, events: readonly Logged[], isWhole: boolean): Window {
  const older = added({ ...EMPTY, changes: window.changes }, events);
  const known = new Set(older.lines.map(({ event }) => event.id));
  const lines = [...older.lines, ...window.lines.filter(({ event }) => !known.has(event.id))];
  const isLive = window.isLive && lines.length <= MOST;
  return { lines: lines.slice(0, MOST), changes: older.changes, isLive, isWhole };
}

/** The page that the room ends with, and what was heard while it was read. */
export function withLatest({ lines, changes }: Window, events: readonly Logged[], isWhole: boolean): Window {
  const end = Number(events.at(-1)?.sequence ?? 0);
  const heard = lines.map(({ event }) => event).filter(({ sequence }) => Number(sequence) > end);
  return { ...withNew({ ...EMPTY, changes }, [...events, ...heard]), isWhole };
}

function added(window: Window, events: readonly Logged[]): Window {
  const isKnown = new Set(window.lines.map(({ event }) => event.id));
  const fresh = events.filter(({ id }) => !isKnown.has(id));
  const changes = withChanges(window.changes, fresh.filter(isChange));
  const lines = window.lines.map((line) => fresh.filter(isChange).reduce(changed, line));
  if (window.isLive)
    for (const event of fresh.filter((one) => !isChange(one)))
      insert(lines, changes.reduce(changed, { event, edited: false, deleted: false }));
  return { ...window, lines, changes };
}

function isChange({ type }: Logged): boolean {
  return type === 'chat.edit' || type === 'chat.delete';
}

function withChanges(known: readonly Logged[], fresh: readonly Logged[]): readonly Logged[] {
  if (fresh.length === 0) return known;
  const byId = new Map([...known, ...fresh].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => Number(a.sequence) - Number(b.sequence)).slice(-CHANGES);
}

/** A late one belongs before others that are there. */
function insert(lines: Line[], line: Line): void {
  const { id, sequence } = line.event;
  const place = lines.findLastIndex(({ event }) => Number(event.sequence) <= Number(sequence));
  if (lines[place]?.event.id !== id) lines.splice(place + 1, 0, line);
}

function changed(line: Line, { type, data }: Logged): Line {
  if (line.event.id !== data.replyTo || line.deleted) return line;
  if (type === 'chat.delete') return { ...line, deleted: true };
  const { text, markup } = data;
  return { ...line, edited: true, event: { ...line.event, data: { ...line.event.data, text, markup } } };
}

/**
 * The lines of a room that the page holds: a window of its log.
 *
 * Problem: a room may have said a hundred thousand lines, and may say fifty a second; a page that keeps them all gets slow.
 * Idea: only a window is kept. At the live end what comes pushes out the oldest; who reads older lines pushes out the
 * newest, and comes back to the live end by loading it anew. Edits and deletions change the line that they are about.
 */
import type { Logged } from '../types.js';

/** Of those, so many are shown at the live end; older ones are loaded when somebody goes up. */
export const LIVE = 400;
const MOST = 1200;

export interface Line {
  readonly event: Logged;
  readonly edited: boolean;
  readonly deleted: boolean;
}

export interface Window {
  readonly lines: readonly Line[];
  /** The newest line of the room is in it. */
  readonly isLive: boolean;
  /** There is nothing older. */
  readonly isWhole: boolean;
}

export const EMPTY: Window = { lines: [], isLive: true, isWhole: false };

/** What was said just now. */
export function withNew(window: Window, events: readonly Logged[]): Window {
  let lines = [...window.lines];
  const known = new Set(lines.map(({ event }) => event.id));
  for (const event of events) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    if (event.type === 'chat.edit' || event.type === 'chat.delete') lines = changed(lines, event);
    else if (window.isLive) lines = inOrder(lines, event);
  }
  const cut = window.isLive && lines.length > LIVE ? lines.slice(-LIVE) : lines;
  return { ...window, lines: cut, isWhole: window.isWhole && cut.length === lines.length };
}

/** A page of older lines, before those that are there. */
export function withOlder(window: Window, events: readonly Logged[], isWhole: boolean): Window {
  const older = withNew({ ...EMPTY, lines: [] }, events).lines;
  const known = new Set(older.map(({ event }) => event.id));
  const lines = [...older, ...window.lines.filter(({ event }) => !known.has(event.id))];
  return { lines: lines.slice(0, MOST), isLive: window.isLive && lines.length <= MOST, isWhole };
}

/** The page that the room ends with, and what was heard while it was read. */
export function withLatest({ lines }: Window, events: readonly Logged[], isWhole: boolean): Window {
  const end = Number(events.at(-1)?.sequence ?? 0);
  const heard = lines.map(({ event }) => event).filter(({ sequence }) => Number(sequence) > end);
  return { ...withNew(EMPTY, [...events, ...heard]), isWhole };
}

/** A late one belongs before others that are there. */
function inOrder(lines: readonly Line[], event: Logged): Line[] {
  const line = { event, edited: false, deleted: false };
  const place = lines.findLastIndex((one) => Number(one.event.sequence) <= Number(event.sequence));
  return [...lines.slice(0, place + 1), line, ...lines.slice(place + 1)];
}

function changed(lines: readonly Line[], { type, data }: Logged): Line[] {
  return lines.map((line) => {
    if (line.event.id !== data.replyTo) return line;
    if (type === 'chat.delete') return { ...line, deleted: true };
    const { text, markup } = data;
    return { ...line, edited: true, event: { ...line.event, data: { ...line.event.data, text, markup } } };
  });
}

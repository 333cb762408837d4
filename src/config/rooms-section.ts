/** Finds the rooms of a config by its lines alone, without reading it as YAML. */

export interface RoomsSection {
  /** Index of the `rooms:` line. */
  readonly heading: number;
  /** Index of the line after the last one of the section. */
  readonly end: number;
  /** The line that each room starts with, in order. */
  readonly rooms: readonly { readonly name: string; readonly line: number }[];
}

/** A part of the section that starts and ends between rooms; lines in the old and in the new text. */
export interface ChangedWindow {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

const HEADING = /^rooms:[ \t]*(?:#.*)?\r?$/;
const TOP_LEVEL = /^[^\s#]/;
const ENTRY = /^( +)([A-Za-z0-9._-]{1,64}):(?=\s|$)/;

/** Null when the file is not laid out in the ordinary way: `rooms:` on a line of its own, one room below the other. */
export function findRooms(lines: readonly string[]): RoomsSection | null {
  const heading = lines.findIndex((line) => HEADING.test(line));
  if (heading < 0) return null;
  const next = lines.findIndex((line, index) => index > heading && TOP_LEVEL.test(line));
  const end = next < 0 ? lines.length : next;
  const rooms: { name: string; line: number }[] = [];
  let indent: string | undefined;
  for (let line = heading + 1; line < end; line += 1) {
    const [, depth, name = ''] = ENTRY.exec(lines[line] ?? '') ?? [];
    indent ??= depth;
    if (depth !== undefined && depth === indent) rooms.push({ name, line });
  }
  return { heading, end, rooms };
}

/** What differs, widened to whole rooms; null when anything outside the rooms differs. */
export function changedWindow(
  before: readonly string[],
  after: readonly string[],
  was: RoomsSection,
  is: RoomsSection,
): ChangedWindow | null {
  const grown = after.length - before.length;
  const first = firstDifference(before, after);
  const tail = commonTail(before, after, first);
  const isOutside = was.heading >= first || is.heading !== was.heading || before.length - tail > was.end;
  if (isOutside || is.end !== was.end + grown) return null;
  const starts = new Set(was.rooms.map(({ line }) => line)).add(was.end).add(was.heading + 1);
  const newStarts = new Set(is.rooms.map(({ line }) => line)).add(is.end).add(is.heading + 1);
  let start = first;
  while (!starts.has(start) || !newStarts.has(start)) start -= 1;
  let oldEnd = Math.max(before.length - tail, start);
  while (!starts.has(oldEnd) || !newStarts.has(oldEnd + grown)) oldEnd += 1;
  return { start, oldEnd, newEnd: oldEnd + grown };
}

function firstDifference(before: readonly string[], after: readonly string[]): number {
  const length = Math.min(before.length, after.length);
  let line = 0;
  while (line < length && before[line] === after[line]) line += 1;
  return line;
}

function commonTail(before: readonly string[], after: readonly string[], first: number): number {
  const length = Math.min(before.length, after.length) - first;
  let tail = 0;
  while (tail < length && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return tail;
}

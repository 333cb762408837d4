/**
 * Long text into parts that each fit a network's message: lines stay lines, then breaks go to spaces, then between
 * graphemes; a single grapheme larger than a part is cut between code points. cuttable.ts measures.
 */
import { type Cuttable, plain, styled } from './cuttable.js';
import type { TextMarkup } from './markup/index.js';
import { byteLength, cutBytes, graphemeFloor } from './utf8.js';

/** Below this, all styles and one character might not fit together. A smaller `maxBytes` counts as this. */
export const MIN_PART_BYTES = 64;

export interface SplitOptions {
  /** UTF-8 bytes of one part, at least `MIN_PART_BYTES`. */
  readonly maxBytes: number;
  readonly maxParts: number;
  /** Of `text` and of the parts. */
  readonly markup: TextMarkup;
  /** Whether a part may hold line breaks. */
  readonly multiline: boolean;
  /** What the last part ends with when `count` parts had to be left out. */
  readonly more: (count: number) => string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The parts in order, none of them empty; no part at all for blank text. */
export function splitText(text: string, options: SplitOptions): readonly string[] {
  const maxBytes = Math.max(options.maxBytes, MIN_PART_BYTES);
  if (isOnePart(text, maxBytes, options.multiline)) return text.trim() === '' ? [] : [text];
  const cuttable = options.markup === 'plain' ? plain(text) : styled(text, options.markup);
  const maxParts = Math.max(1, options.maxParts);
  const { said, left } = cut(cuttable, lines(cuttable.text, options.multiline), maxBytes, maxParts);
  const parts = said.map(({ start, end }) => cuttable.part(start, end));
  const last = said.at(-1);
  if (last !== undefined && left > 0) {
    parts[parts.length - 1] = ending(cuttable, last, maxBytes, options.more(left));
  }
  return parts;
}

function isOnePart(text: string, maxBytes: number, multiline: boolean): boolean {
  if (!multiline && text.includes('\n')) return false;
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && byteLength(text) <= maxBytes);
}

/** What has to stay in parts of its own: each line where parts cannot hold several. Blank ones are left out. */
function lines(text: string, multiline: boolean): readonly Range[] {
  if (multiline) return ranges(text, /[^\n][\s\S]*/g);
  return ranges(text, /[^\n]+/g);
}

function ranges(text: string, pattern: RegExp): readonly Range[] {
  const found: Range[] = [];
  for (const { 0: match, index } of text.matchAll(pattern)) {
    const end = index + match.trimEnd().length;
    if (end > index) found.push({ start: index, end });
  }
  return found;
}

/**
 * What is said, and how many parts are left after it. Those are counted without their markup: rendering 32 KB to count
 * what nobody sees would hold the process up for a tenth of a second.
 */
function cut(cuttable: Cuttable, lines: readonly Range[], maxBytes: number, maxParts: number) {
  const { text } = cuttable;
  const bare = plain(text);
  const said: Range[] = [];
  let left = 0;
  for (const line of lines) {
    let start = line.start;
    while (start < line.end) {
      const end = breakAt(said.length < maxParts ? cuttable : bare, start, line.end, maxBytes);
      const visible = start + text.slice(start, end).trimEnd().length;
      if (visible > start && said.length < maxParts) said.push({ start, end: visible });
      else if (visible > start) left += 1;
      start = afterBreak(text, end, line.end);
    }
  }
  return { said, left };
}

/** Where a part from `start` ends: at the last line break or space that fits, else on a grapheme border. */
function breakAt(cuttable: Cuttable, start: number, limit: number, maxBytes: number): number {
  const { text } = cuttable;
  const fits = cuttable.fit(start, limit, maxBytes);
  if (fits >= limit) return limit;
  const piece = text.slice(start, fits + 1);
  const newline = piece.lastIndexOf('\n');
  if (newline > piece.length / 2) return start + newline;
  const space = piece.lastIndexOf(' ');
  if (space > 0 && piece.slice(0, space).trim() !== '') return start + space;
  const border = graphemeFloor(text, start, fits);
  return border > start ? border : forced(text, start, fits);
}

/** One grapheme larger than a part: cut between code points, and go on in any case. */
function forced(text: string, start: number, fits: number): number {
  if (fits > start && !isInsidePair(text, fits)) return fits;
  if (fits - 1 > start) return fits - 1;
  return start + String.fromCodePoint(text.codePointAt(start) ?? 0).length;
}

function isInsidePair(text: string, index: number): boolean {
  return (text.codePointAt(index - 1) ?? 0) > 0xffff;
}

/** Skips the one line break or the spaces that the break took the place of. */
function afterBreak(text: string, end: number, limit: number): number {
  if (text.charAt(end) === '\n') return end + 1;
  let start = end;
  while (start < limit && text.charAt(start) === ' ') start += 1;
  return start;
}

/** The last part that is said, shortened so that the note on what is left out fits behind it. */
function ending(cuttable: Cuttable, last: Range, maxBytes: number, note: string): string {
  const shortNote = cutBytes(note, maxBytes - 1);
  const fits = cuttable.fit(last.start, last.end, maxBytes - 1 - byteLength(shortNote));
  const end = graphemeFloor(cuttable.text, last.start, fits);
  return `${cuttable.part(last.start, end).trimEnd()} ${shortNote}`.trimStart();
}

/**
 * Text to be cut into parts that are limited in bytes *after* rendering.
 *
 * Problem: a cut lies in what the reader sees, the limit in what is sent, and every part has to open again what was
 * open at the cut. Idea: keep the visible text and its spans, and measure a part by rendering it. Rendering a longer
 * piece never takes fewer bytes, so the last place that fits is found by search. Text without markup is measured
 * directly. What it cannot do: keep the look of code that holds backticks.
 */
import { BLOCK, CODE, parseSpans, renderSpans, type Span, type TextMarkup } from './markup/index.js';
import { byteLength, fitIndex } from './utf8.js';

/** Measured and taken by ranges of what the reader sees. */
export interface Cuttable {
  readonly text: string;
  /** The greatest end in `start`…`limit` for which the part takes at most `maxBytes`. */
  fit(start: number, limit: number, maxBytes: number): number;
  part(start: number, end: number): string;
}

/** Text without markup. */
export function plain(text: string): Cuttable {
  return {
    text,
    fit: (start, limit, maxBytes) => Math.min(limit, fitIndex(text, start, maxBytes)),
    part: (start, end) => text.slice(start, end),
  };
}

/** Text in a network's markup. */
export function styled(markedUp: string, markup: TextMarkup): Cuttable {
  const spans = parseSpans(markedUp, markup).map((span) =>
    span.text.includes('`') ? withoutCode(span) : span,
  );
  const starts: number[] = [];
  let text = '';
  for (const span of spans) {
    starts.push(text.length);
    text += span.text;
  }
  const part = (start: number, end: number) => renderSpans(within(spans, starts, start, end), markup);
  return { text, part, fit: (start, limit, maxBytes) => lastFit(text, part, start, limit, maxBytes) };
}

/** The fence of code with backticks depends on where it is cut, which would let a shorter piece take more bytes. */
function withoutCode(span: Span): Span {
  return { ...span, flags: span.flags & ~(CODE | BLOCK), head: '' };
}

/** The spans that lie in `start`…`end`, the outer two cut to size. */
function within(
  spans: readonly Span[],
  starts: readonly number[],
  start: number,
  end: number,
): readonly Span[] {
  const inside: Span[] = [];
  for (let i = spanAt(starts, start); i < spans.length; i += 1) {
    const [span, from] = [spans[i], starts[i] ?? 0];
    if (span === undefined || from >= end) break;
    const text = span.text.slice(Math.max(0, start - from), end - from);
    if (text !== '') inside.push(text.length === span.text.length ? span : { ...span, text });
  }
  return inside;
}

/** The last span that begins at or before `index`. */
function spanAt(starts: readonly number[], index: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

type PartOf = (start: number, end: number) => string;

function lastFit(text: string, part: PartOf, start: number, limit: number, maxBytes: number): number {
  const sizeTo = (end: number) => byteLength(part(start, end));
  let low: Measured = { end: start, bytes: 0 };
  const most = Math.min(limit, fitIndex(text, start, maxBytes));
  let high: Measured = { end: most, bytes: sizeTo(most) };
  if (high.bytes <= maxBytes) return high.end;
  for (let tries = 0; high.end - low.end > 1; tries += 1) {
    const end = between(low, high, maxBytes, tries);
    const bytes = sizeTo(end);
    if (bytes <= maxBytes) low = { end, bytes };
    else high = { end, bytes };
  }
  return low.end;
}

interface Measured {
  readonly end: number;
  readonly bytes: number;
}

/** Bytes grow evenly in most text, so aiming at the limit takes three or four tries; halving is for the rest. */
function between(low: Measured, high: Measured, maxBytes: number, tries: number): number {
  const share = tries % 4 === 3 ? 0.5 : (maxBytes - low.bytes) / (high.bytes - low.bytes);
  const end = low.end + Math.round((high.end - low.end) * share);
  return Math.min(Math.max(end, low.end + 1), high.end - 1);
}

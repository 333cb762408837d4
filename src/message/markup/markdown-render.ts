/** Spans to the markdown subset of markdown-parse.ts; text that would read as markup is escaped. */
import {
  BLOCK,
  BOLD,
  CODE,
  ITALIC,
  SPOILER,
  type Span,
  SpanList,
  STRIKE,
  UNDERLINE,
  UNSTYLED,
} from './span.js';

const DELIMITERS: readonly (readonly [number, string])[] = [
  [SPOILER, '||'],
  [UNDERLINE, '__'],
  [STRIKE, '~~'],
  [BOLD, '**'],
  [ITALIC, '*'],
];
const STYLES = SPOILER | UNDERLINE | STRIKE | BOLD | ITALIC;

/** Looks without a markdown form (colour, reverse) are dropped. Ends with every delimiter closed. */
export function renderMarkdown(spans: readonly Span[]): string {
  const runs = withPlainEdges(spans);
  const open: (readonly [number, string])[] = [];
  let text = '';
  for (const [index, run] of runs.entries()) {
    text += closing(open, run.flags) + opening(open, runs, index);
    text += content(run, text);
  }
  return text + closing(open, 0);
}

/** Puts `\` before whatever would read as markup, a mention by id, a quote or a heading; links are left alone. */
export function escapeMarkdown(text: string, atLineStart = true): string {
  if (!MAYBE_ESCAPE.test(text)) return text;
  const escaped = text.replace(ESCAPES, (match, url: string | undefined) =>
    url === undefined ? `\\${match}` : url,
  );
  const lines = escaped.replace(/(?<=\n)(\s*)([>#+-])(?=[\s>#]|$)/g, '$1\\$2');
  return atLineStart ? lines.replace(/^(\s*)([>#+-])(?=[\s>#]|$)/, '$1\\$2') : lines;
}

/** Cheap: most text has none of these. */
const MAYBE_ESCAPE = /[\\`*_~|\]<>#+-]/;
// A link; then: a backslash that escapes, stars and backticks, underscores but inside words, pairs of ~ and |
// (or one at an edge, where a neighbour could make it a pair), `](` of a named link, `<` of a tag or mention.
const ESCAPES =
  /(https?:\/\/[^\s<>|*`\\]+)|\\(?=[!-/:-@[-`{-~]|$)|[*`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|(?<=^|~)~|~(?=~|$)|(?<=^|\|)\||\|(?=\||$)|\](?=\()|<(?=[A-Za-z@#!:/&?])/gu;

/** White space at the edges of a styled span is moved out of it: `** a**` would not be bold. */
function withPlainEdges(spans: readonly Span[]): readonly Span[] {
  const list = new SpanList();
  for (const span of spans) {
    if (span.flags === 0 && span.colour === '') {
      list.push(span);
      continue;
    }
    const code = isFenced(span, list.spans.at(-1)) ? CODE | BLOCK : 0;
    const style = { flags: span.flags & (STYLES | code), colour: '', head: span.head };
    if (style.flags === 0 || style.flags & (CODE | BLOCK) || !/^\s|\s$/.test(span.text)) {
      list.add(span.text, style);
      continue;
    }
    const text = span.text.trim();
    const start = span.text.indexOf(text);
    list.add(span.text.slice(0, start), UNSTYLED);
    list.add(text, style);
    list.add(span.text.slice(start + text.length), UNSTYLED);
  }
  return list.spans;
}

/** Code that no fence can hold is text like any other; so may be what comes right behind a backtick, see `content`. */
function isFenced(span: Span, before: Span | undefined): boolean {
  if (fenceOf(span) === null) return false;
  const isBehindBacktick =
    before !== undefined && ((before.flags & (CODE | BLOCK)) > 0 || before.text.endsWith('`'));
  return !isBehindBacktick || !/^\s|\s$/.test(span.text);
}

/** Closes, last opened first, what `flags` does not have. */
function closing(open: (readonly [number, string])[], flags: number): string {
  if (open.length === 0) return '';
  let text = '';
  for (let i = open.length - 1; i >= 0; i -= 1) {
    const [flag, delimiter] = open[i] ?? [0, ''];
    if (flags & flag) continue;
    text += delimiter;
    open.splice(i, 1);
  }
  return text;
}

/** Opens what is not open yet; what lasts longest goes outermost. */
function opening(open: (readonly [number, string])[], runs: readonly Span[], index: number): string {
  const flags = runs[index]?.flags ?? 0;
  if (!(flags & STYLES)) return '';
  const missing = DELIMITERS.filter(([flag]) => flags & flag && !open.some((entry) => entry[0] === flag));
  if (missing.length > 1) missing.sort((a, b) => lasting(runs, index, b[0]) - lasting(runs, index, a[0]));
  open.push(...missing);
  return missing.map((entry) => entry[1]).join('');
}

function lasting(runs: readonly Span[], index: number, flag: number): number {
  let end = index;
  while ((runs[end]?.flags ?? 0) & flag) end += 1;
  return end;
}

function content(run: Span, before: string): string {
  const fence = before.endsWith('`') ? null : fenceOf(run);
  if (fence !== null) return fence + run.head + run.text + fence;
  return escapeMarkdown(run.text, before === '' || before.endsWith('\n'));
}

/** Null: it is no code, or such that no fence can hold it; then it loses its look rather than its text. */
function fenceOf({ flags, text }: Span): string | null {
  if (flags & BLOCK) return blockFence(text);
  return flags & CODE ? codeFence(text) : null;
}

function blockFence(code: string): string | null {
  return /```|^`|`$/.test(code) ? null : '```';
}

function codeFence(code: string): string | null {
  if (!code.includes('`')) return '`';
  return /``|^`|`$/.test(code) ? null : '``';
}

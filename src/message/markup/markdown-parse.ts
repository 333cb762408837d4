/**
 * The markdown subset that chat programs share, to spans: bold `**`, italic `*` or `_`, underline `__`, strike `~~`,
 * spoiler `||`, code in backticks, fenced blocks, backslash escapes. Links stay as they are, underscores included.
 *
 * Delimiters need not nest: each only switches its own look on and off between the two ends, which is what spans can
 * say anyway. One without its other end is text. One pass, linear: every style is open at most once.
 */
import { BLOCK, BOLD, CODE, ITALIC, SPOILER, type Span, SpanList, STRIKE, UNDERLINE } from './span.js';

const TOKENS = /\\[!-/:-@[-`{-~]|`+|\*+|_+|~+|\|+|https?:\/\/[^\s<>|*`\\]+/g;
const FENCE_HEAD = /^[\w+#.-]{0,16}\n/;

interface Delimiter {
  readonly text: string;
  readonly flag: number;
  matched: boolean;
}
type Piece = string | Delimiter | Code;
interface Code {
  readonly code: string;
  readonly flag: number;
  readonly head: string;
}

/** Never throws: text that is no markup is text. */
export function parseMarkdown(text: string): readonly Span[] {
  const list = new SpanList();
  let flags = 0;
  for (const piece of new Scanner(text).pieces()) {
    if (typeof piece === 'string') list.add(piece, { flags, colour: '', head: '' });
    else if ('code' in piece)
      list.add(piece.code, { flags: flags | piece.flag, colour: '', head: piece.head });
    else if (piece.matched) flags ^= piece.flag;
    else list.add(piece.text, { flags, colour: '', head: '' });
  }
  return list.spans;
}

class Scanner {
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  readonly #open = new Map<string, Delimiter>();
  /** Fence lengths that have no closing run behind the current place: searching once is enough. */
  readonly #unclosed = new Set<number>();
  #flags = 0;

  constructor(text: string) {
    this.#text = text;
  }

  pieces(): readonly Piece[] {
    const tokens = new RegExp(TOKENS);
    let from = 0;
    for (let match = tokens.exec(this.#text); match !== null; match = tokens.exec(this.#text)) {
      if (match.index > from) this.#pieces.push(this.#text.slice(from, match.index));
      from = this.#token(match[0], match.index);
      tokens.lastIndex = from;
    }
    this.#pieces.push(this.#text.slice(from));
    return this.#pieces;
  }

  /** Handles the token at `index`; returns where to go on. */
  #token(token: string, index: number): number {
    const first = token.charAt(0);
    if (first === '\\') this.#pieces.push(token.slice(1));
    else if (first === '`') return this.#code(token, index);
    else if (first === 'h') return index + this.#link(token);
    else this.#run(token, index);
    return index + token.length;
  }

  #code(fence: string, index: number): number {
    const start = index + fence.length;
    const end = fence.length > 3 || this.#unclosed.has(fence.length) ? -1 : this.#closing(fence, start);
    if (end <= start) {
      this.#unclosed.add(fence.length);
      this.#pieces.push(fence);
      return start;
    }
    const inside = this.#text.slice(start, end);
    const head = fence.length === 3 ? (FENCE_HEAD.exec(inside)?.[0] ?? '') : '';
    if (inside.length === head.length) this.#pieces.push(fence + inside + fence);
    else
      this.#pieces.push({ code: inside.slice(head.length), flag: fence.length === 3 ? BLOCK : CODE, head });
    return end + fence.length;
  }

  /** The next run of exactly as many backticks, or -1. */
  #closing(fence: string, start: number): number {
    const runs = /`+/g;
    runs.lastIndex = start;
    for (let run = runs.exec(this.#text); run !== null; run = runs.exec(this.#text)) {
      if (run[0].length === fence.length) return run.index;
    }
    return -1;
  }

  /** A link, less the delimiter at its end that closes what was opened before it. */
  #link(url: string): number {
    const tail = /(?:__|_|~~)$/.exec(url)?.[0] ?? '';
    const link = this.#open.has(tail) ? url.slice(0, -tail.length) : url;
    this.#pieces.push(link);
    return link.length;
  }

  #run(run: string, index: number): void {
    const around = { before: this.#text.charAt(index - 1), after: this.#text.charAt(index + run.length) };
    const parts = run.startsWith('*') || run.startsWith('_') ? this.#emphasis(run) : [run];
    for (const part of parts) this.#delimiter(part, flagOf(part), around);
  }

  /** Three in a row are two and one; whichever is open alone comes first, so that it closes before the other opens. */
  #emphasis(run: string): readonly string[] {
    if (run.length !== 3) return [run];
    const [one, two] = [run.slice(0, 1), run.slice(0, 2)];
    return this.#open.has(one) && !this.#open.has(two) ? [one, two] : [two, one];
  }

  #delimiter(text: string, flag: number, around: { before: string; after: string }): void {
    const opened = this.#open.get(text);
    if (opened !== undefined && canClose(text, around)) {
      this.#open.delete(text);
      this.#flags &= ~flag;
      opened.matched = true;
      this.#pieces.push({ text, flag, matched: true });
    } else if (flag !== 0 && opened === undefined && !(this.#flags & flag) && canOpen(text, around)) {
      const delimiter = { text, flag, matched: false };
      this.#open.set(text, delimiter);
      this.#flags |= flag;
      this.#pieces.push(delimiter);
    } else {
      this.#pieces.push(text);
    }
  }
}

function flagOf(delimiter: string): number {
  switch (delimiter) {
    case '*':
    case '_':
      return ITALIC;
    case '**':
      return BOLD;
    case '__':
      return UNDERLINE;
    case '~~':
      return STRIKE;
    case '||':
      return SPOILER;
    default:
      return 0;
  }
}

/** `2 * 3 * 4` is no emphasis, and neither is `snake_case_name`. */
function canOpen(delimiter: string, around: { before: string; after: string }): boolean {
  if (delimiter === '||') return around.after !== '';
  if (around.after === '' || /\s/.test(around.after)) return false;
  return delimiter !== '_' || !isWord(around.before);
}

function canClose(delimiter: string, around: { before: string; after: string }): boolean {
  if (delimiter === '||') return true;
  if (/\s/.test(around.before)) return false;
  return delimiter !== '_' || !isWord(around.after);
}

function isWord(char: string): boolean {
  return /[\p{L}\p{N}_]/u.test(char);
}

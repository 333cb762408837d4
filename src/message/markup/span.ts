/** The middle form of all markup: runs of text that look the same. */

/** Markup of text as a network has it. `markdown` is the subset that chat programs share. */
export type TextMarkup = 'plain' | 'irc' | 'markdown';

/** Bits of `Span.flags`. */
export const BOLD = 1;
export const ITALIC = 2;
export const UNDERLINE = 4;
export const STRIKE = 8;
export const CODE = 16;
export const SPOILER = 32;
/** A fenced block of code. */
export const BLOCK = 64;
export const REVERSE = 128;

export interface Style {
  readonly flags: number;
  /** IRC colours, as digits: `fg` or `fg,bg`, two digits each; `#` before hexadecimal ones. Empty: none. */
  readonly colour: string;
  /** First line of a code block behind its fence, line break included. */
  readonly head: string;
}

export interface Span extends Style {
  readonly text: string;
}

export const UNSTYLED: Style = { flags: 0, colour: '', head: '' };

function sameStyle(a: Style, b: Style): boolean {
  return a.flags === b.flags && a.colour === b.colour && a.head === b.head;
}

/** Collects spans: joins neighbours that look the same and leaves empty ones out. */
export class SpanList {
  readonly spans: Span[] = [];

  add(text: string, { flags, colour, head }: Style): void {
    if (text !== '') this.push({ text, flags, colour, head });
  }

  /** `span` itself is kept where it can be; it may not be empty. */
  push(span: Span): void {
    const last = this.spans.at(-1);
    if (last === undefined || !sameStyle(last, span)) this.spans.push(span);
    else this.spans[this.spans.length - 1] = { ...span, text: last.text + span.text };
  }
}

/** What a reader sees. */
export function visibleText(spans: readonly Span[]): string {
  return spans.map((span) => span.text).join('');
}

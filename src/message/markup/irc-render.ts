/** Spans to IRC formatting codes. */
import {
  BLOCK,
  BOLD,
  CODE,
  ITALIC,
  REVERSE,
  SPOILER,
  type Span,
  STRIKE,
  type Style,
  UNDERLINE,
  UNSTYLED,
} from './span.js';

const TOGGLES: readonly (readonly [number, string])[] = [
  [BOLD, '\x02'],
  [ITALIC, '\x1d'],
  [UNDERLINE, '\x1f'],
  [STRIKE, '\x1e'],
  [CODE, '\x11'],
  [REVERSE, '\x16'],
];
/** Black on black: clients show it when it is selected. */
const HIDDEN = '01,01';
/** Bold on and off: nothing to see, but it keeps a colour code from taking the digits that follow. */
const GUARD = '\x02\x02';

/** Ends with every code closed, so that what is put behind stays plain. */
export function renderIrc(spans: readonly Span[]): string {
  let text = '';
  let style: Style = UNSTYLED;
  for (const span of spans) {
    const next = span.flags & BLOCK ? { ...span, flags: fold(span.flags) } : span;
    text += change(style, next, span.text) + cleaned(span.text);
    style = next;
  }
  return text + change(style, UNSTYLED, '');
}

/** A block looks like inline code; a spoiler is a colour. */
function fold(flags: number): number {
  return (flags & ~BLOCK) | CODE;
}

/** The codes that lead from one style to the next. */
function change(from: Style, to: Style, following: string): string {
  if (from.flags === to.flags && from.colour === to.colour) return '';
  const before = colourOf(from);
  const after = colourOf(to);
  if (before !== '' && after === '' && to.flags === 0) return '\x0f';
  const toggled = from.flags ^ to.flags;
  let codes = '';
  for (const [flag, code] of TOGGLES) if (toggled & flag) codes += code;
  return before === after ? codes : codes + colourChange(before, after, following);
}

function colourOf(style: Style): string {
  return style.flags & SPOILER ? HIDDEN : style.colour;
}

/** Ends the old colour first: a foreground alone would keep the old background. */
function colourChange(before: string, after: string, following: string): string {
  if (after === '') return codeOf(before) + (/^[0-9a-f,]/i.test(following) ? GUARD : '');
  const reset = before.includes(',') && !after.includes(',') ? codeOf(before) : '';
  const digits = after.replaceAll('#', '');
  return reset + codeOf(after) + digits + (following.startsWith(',') && !after.includes(',') ? GUARD : '');
}

function codeOf(colour: string): string {
  return colour.startsWith('#') ? '\x04' : '\x03';
}

/** No control character of the text may be taken for a code, or for a protocol line. */
function cleaned(text: string): string {
  if (!/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(text)) return text;
  return text.replace(/\t/g, ' ').replace(/[\0-\x09\x0b-\x1f\x7f-\x9f]/g, '');
}

/** IRC formatting codes to spans (modern.ircdocs.horse/formatting). */
import { BOLD, CODE, ITALIC, REVERSE, SPOILER, type Span, SpanList, STRIKE, UNDERLINE } from './span.js';

const TOGGLES: Readonly<Record<string, number>> = {
  '\x02': BOLD,
  '\x11': CODE,
  '\x16': REVERSE,
  '\x1d': ITALIC,
  '\x1e': STRIKE,
  '\x1f': UNDERLINE,
};
const CODES =
  /\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?|\x04(?:([0-9a-f]{6})(?:,([0-9a-f]{6}))?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/gi;

/** True when `text` holds a formatting code. */
export function hasIrcCodes(text: string): boolean {
  return /[\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f]/.test(text);
}

/** Never throws; whatever is not a code is text. Foreground on the same background reads as a spoiler. */
export function parseIrc(text: string): readonly Span[] {
  const list = new SpanList();
  let [flags, fg, bg] = [0, '', ''];
  let from = 0;
  for (const match of text.matchAll(CODES)) {
    list.add(text.slice(from, match.index), styleOf(flags, fg, bg));
    from = match.index + match[0].length;
    const code = match[0].charAt(0);
    if (code === '\x0f') [flags, fg, bg] = [0, '', ''];
    else if (code === '\x03' || code === '\x04') [fg, bg] = coloursOf(match, bg);
    else flags ^= TOGGLES[code] ?? 0;
  }
  list.add(text.slice(from), styleOf(flags, fg, bg));
  return list.spans;
}

/** A code without digits ends both colours; one with a foreground only keeps the background. */
function coloursOf(match: RegExpExecArray, bg: string): [string, string] {
  const [, fg, newBg, hexFg, newHexBg] = match;
  if (fg !== undefined) return [fg.padStart(2, '0'), newBg?.padStart(2, '0') ?? keep(bg, '')];
  if (hexFg !== undefined) return [`#${hexFg}`, newHexBg === undefined ? keep(bg, '#') : `#${newHexBg}`];
  return ['', ''];
}

/** One code cannot mix palette and hexadecimal colours. */
function keep(bg: string, mark: string): string {
  return bg.startsWith('#') === (mark === '#') ? bg : '';
}

function styleOf(flags: number, fg: string, bg: string) {
  if (fg !== '' && fg === bg) return { flags: flags | SPOILER, colour: '', head: '' };
  return { flags, colour: bg === '' ? fg : `${fg},${bg}`, head: '' };
}

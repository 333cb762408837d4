/** Measuring and cutting text by its UTF-8 size, never inside what a reader sees as one character (UAX #29). */

/** Made when first needed: making one takes 20 ms, and most text is cut nowhere. */
let segmenter: Intl.Segmenter | null = null;
/** How far behind a cut the segmenter looks; only the start of the cluster matters, so its end may lie beyond. */
const LOOK_AHEAD = 32;

export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** The greatest index whose text since `start` takes at most `maxBytes`; never inside a surrogate pair. */
export function fitIndex(text: string, start: number, maxBytes: number): number {
  let room = maxBytes;
  let index = start;
  while (index < text.length) {
    const size = codePointBytes(text, index);
    room -= size;
    if (room < 0) return index;
    index += size === 4 ? 2 : 1;
  }
  return index;
}

/**
 * The last border between graphemes in `start`…`index`; `start` when the first grapheme reaches beyond `index`.
 * `start` has to be a border itself.
 */
export function graphemeFloor(text: string, start: number, index: number): number {
  if (index >= text.length || index <= start || isSimpleBorder(text, index)) return index;
  const around = text.slice(start, index + LOOK_AHEAD);
  return start + (segments(around).containing(index - start)?.index ?? 0);
}

/** The index after the first grapheme of `text`. */
export function firstGrapheme(text: string): number {
  if (text.length < 2 || isSimpleBorder(text, 1)) return Math.min(1, text.length);
  return segments(text).containing(0)?.segment.length ?? 1;
}

/** `text` itself, or its beginning with `ellipsis` so that both take at most `maxBytes`. */
export function cutBytes(text: string, maxBytes: number, ellipsis = ''): string {
  if (text.length * 3 <= maxBytes || byteLength(text) <= maxBytes) return text;
  const end = graphemeFloor(text, 0, fitIndex(text, 0, maxBytes - byteLength(ellipsis)));
  return text.slice(0, end) + ellipsis;
}

function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function codePointBytes(text: string, index: number): 1 | 2 | 3 | 4 {
  const code = text.charCodeAt(index);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(index + 1)) ? 4 : 3;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Below U+0300 nothing combines except CR LF: the segmenter need not be asked. */
function isSimpleBorder(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  const after = text.charCodeAt(index);
  return before < 0x300 && after < 0x300 && !(before === 0x0d && after === 0x0a);
}

/** mIRC formatting codes (modern.ircdocs.horse/formatting): enough to take them out, or to carry them over a line break. */
const CODES =
  /\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?|[\x02\x0f\x11\x16\x1d-\x1f]/g;

export function stripFormatting(text: string): string {
  return text.replace(CODES, '');
}

/** The codes that put a new line into the state that `text` leaves behind. */
export function openCodes(text: string): string {
  const toggled = new Set<string>();
  let colour = '';
  for (const [code, front = '', back] of text.matchAll(CODES)) {
    if (code === '\x0f') {
      toggled.clear();
      colour = '';
    } else if (code.startsWith('\x03')) {
      // Always two digits: a shorter code would swallow a digit that follows.
      colour = front === '' ? '' : `\x03${front.padStart(2, '0')}${back ? `,${back.padStart(2, '0')}` : ''}`;
    } else if (code.startsWith('\x04')) {
      colour = code.length > 1 ? code : '';
    } else if (!toggled.delete(code)) {
      toggled.add(code);
    }
  }
  return colour + [...toggled].join('');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Cuts into parts of at most `maxBytes` UTF-8 bytes, between graphemes, at a space where one is near, with the codes
 * opened again on each part. The core has already split to what `roomFor` said: this is for a mask that grew since.
 */
export function splitToFit(text: string, maxBytes: number): readonly string[] {
  if (Buffer.byteLength(text) <= maxBytes) return [text];
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > maxBytes) {
    const head = headThatFits(rest, maxBytes);
    parts.push(head);
    const codes = openCodes(head);
    const tail = rest.slice(head.length).replace(/^ /, '');
    // Codes that leave no room for text would make no progress.
    rest = codes.length * 2 < maxBytes ? joinCodes(codes, tail) : tail;
  }
  return rest === '' ? parts : [...parts, rest];
}

/** `,5` after a colour without background would be read as its background. */
function joinCodes(codes: string, text: string): string {
  return /\x03\d\d$/.test(codes) && /^,\d/.test(text) ? `${codes}\x02\x02${text}` : codes + text;
}

function headThatFits(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  let space = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > maxBytes) break;
    end = index + segment.length;
    if (segment === ' ') space = index;
  }
  if (end === 0) return text.slice(0, longestPrefix(text, maxBytes));
  return text.slice(0, space > (end * 2) / 3 ? space : end);
}

/** For one grapheme that is longer than a line: whole characters of it, at least one. */
function longestPrefix(text: string, maxBytes: number): number {
  let bytes = 0;
  let end = 0;
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (end > 0 && bytes > maxBytes) break;
    end += char.length;
  }
  return end;
}

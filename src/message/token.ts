/**
 * Any text as one token of `[A-Za-z0-9_-]` and `=HH`, byte for byte: legal in a URI, a NATS subject, the name of a
 * stream and the key of a bucket; readable, and reversible.
 */

const PLAIN = /^[A-Za-z0-9_-]+$/;
const TOKEN = /^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/;
const ASCII = /^[\0-\x7f]*$/;
const OUTSIDE = /[^A-Za-z0-9_-]/g;
const ENCODED = /=([0-9A-F]{2})/g;
/** The empty text: an `=` without digits, which no other text can give. */
const EMPTY = '=';
// Without `ignoreBOM` a leading U+FEFF would vanish on the way back.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeToken(text: string): string {
  if (PLAIN.test(text)) return text;
  if (text === '') return EMPTY;
  const bytes = ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(OUTSIDE, encodeByte);
}

/** The text of a token, or null when `encodeToken` cannot have made it. */
export function decodeToken(token: string): string | null {
  if (PLAIN.test(token)) return token;
  if (token === EMPTY) return '';
  if (!TOKEN.test(token)) return null;
  const bytes = token.replace(ENCODED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    const text = decoder.decode(Buffer.from(bytes, 'latin1'));
    return encodeToken(text) === token ? text : null;
  } catch {
    return null;
  }
}

function encodeByte(char: string): string {
  return `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

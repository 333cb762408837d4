/**
 * Bytes from the socket to lines of valid Unicode.
 *
 * Each line is UTF-8 or, when it is not, in the fallback encoding: old clients still write CP1252 and the like into
 * channels where everybody else writes UTF-8. A line that the server cut inside a character is UTF-8 with a broken
 * end, not CP1252: it loses that end. Nothing longer than `maxLineBytes` is ever held.
 */
import { isUtf8 } from 'node:buffer';

/** 8191 bytes of tags (ircv3.net/specs/extensions/message-tags) and as much again for the rest. */
export const MAX_LINE_BYTES = 16_384;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

export interface LineDecoder {
  /** Calls `onLine` for each line that is now complete, without its ending. Empty lines are left out. */
  push(chunk: Buffer): void;
}

export function lineDecoder(
  fallback: string,
  onLine: (line: string) => void,
  onCut: () => void,
): LineDecoder {
  const decode = textOf(fallbackDecoder(fallback));
  let rest: Buffer | null = null;
  let cutting = false;

  const take = (bytes: Buffer): void => {
    const end = bytes[bytes.length - 1] === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    if (end > MAX_LINE_BYTES) onCut();
    if (end > 0) onLine(decode(bytes.subarray(0, Math.min(end, MAX_LINE_BYTES))));
  };

  const keep = (tail: Buffer): void => {
    if (tail.length > MAX_LINE_BYTES && !cutting) {
      onCut();
      take(tail.subarray(0, MAX_LINE_BYTES));
      cutting = true;
    }
    rest = cutting || tail.length === 0 ? null : tail;
  };

  return {
    push(chunk) {
      let data = rest === null ? chunk : Buffer.concat([rest, chunk]);
      rest = null;
      if (cutting) {
        const end = data.indexOf(NEWLINE);
        if (end === -1) return;
        cutting = false;
        data = data.subarray(end + 1);
      }
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
        if (end > start) take(data.subarray(start, end));
        start = end + 1;
      }
      // A copy: the tail must not keep the whole chunk alive.
      keep(start === data.length ? data.subarray(start) : Buffer.from(data.subarray(start)));
    },
  };
}

type Decode = (bytes: Uint8Array) => string;

/** What CP1252 has where Latin-1 has control characters, 0x80–0x9F. */
const CP1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function fallbackDecoder(label: string): Decode {
  const decoder = new TextDecoder(label);
  if (decoder.encoding !== 'windows-1252') return (bytes) => decoder.decode(bytes);
  // Node from 20.18.3 on decodes windows-1252 as Latin-1 (nodejs/node#56542).
  return (bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (char) => CP1252.charAt(char.charCodeAt(0) - 0x80));
}

function textOf(fallback: Decode): (bytes: Buffer) => string {
  return (bytes) => {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : decodeBroken(bytes, fallback);
    return /[\r\0]/.test(text) ? text.replace(/[\r\0]/g, '') : text;
  };
}

function decodeBroken(bytes: Buffer, fallback: Decode): string {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 3); at -= 1) {
    const head = bytes.subarray(0, at);
    if (isLeadOfMore(bytes, at) && isUtf8(head) && provesUtf8(head)) return head.toString('utf8');
  }
  return fallback(bytes);
}

/** A lead byte that wants more bytes than are left. */
function isLeadOfMore(bytes: Buffer, at: number): boolean {
  const lead = bytes[at] ?? 0;
  const wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  return wanted > bytes.length - at;
}

const NEARLY_FULL_BYTES = 400;

/** "caf\xe9" ends in a lead byte too, but is CP1252: only other UTF-8 before it, or a full line, tells of a cut. */
function provesUtf8(head: Buffer): boolean {
  return head.length >= NEARLY_FULL_BYTES || head.some((byte) => byte >= 0x80);
}

/** What strangers typed, as it may stand in the one line that many channels get. */
import { cutBytes, oneLine } from '../../src/message/index.js';

/** What nobody sees, but for what joins and styles emoji and letters: zero-width spaces, soft hyphens, tags. */
const INVISIBLE = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}|\p{Surrogate}/gu;
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const MAX_NAME_BYTES = 40;

/** One line without control characters or anything invisible; empty when nothing in it can be seen. */
export function cleanText(text: string): string {
  const clean = oneLine(text).replace(INVISIBLE, '').replace(STACKED_MARKS, '$1');
  return VISIBLE.test(clean) ? oneLine(clean) : '';
}

/**
 * A nick, channel or room inside the line. A name with spaces in it could go on like the line itself ("bob - #admins :
 * all leave"), so it has none.
 */
export function cleanName(name: string): string {
  const clean = cutBytes(cleanText(name).replaceAll(' ', '_'), MAX_NAME_BYTES);
  return clean === '' ? '?' : clean;
}

/** Characters, counted as code points. */
export function lengthOf(text: string): number {
  return [...text].length;
}

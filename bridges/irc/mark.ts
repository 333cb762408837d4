/**
 * The invisible mark at the head of every relayed line, by which another Parley in the same channel knows not to relay
 * it again. Bold on and off again shows nothing; where formatting is refused (mode +c) two word joiners do the same.
 */
export const MARK = '\x02\x02';
export const PLAIN_MARK = '\u2060\u2060';

export function isMarked(text: string): boolean {
  return text.startsWith(MARK) || text.startsWith(PLAIN_MARK);
}

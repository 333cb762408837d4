/**
 * Whether two texts are the same call.
 *
 * Problem: a refused call is tried again with "!!!" behind it, in capitals, with a zero-width space, s p a c e d,
 * streeetched, or its words turned round. Idea: compare what is left without all this, by trigrams: the Jaccard index of
 * the sets of three letters in a row, of each word (as PostgreSQL's pg_trgm: the order of words does not matter) and of
 * all letters run together (where the spaces are does not matter); the higher of the two counts. Why it is safe: it is
 * symmetric and between 0 and 1, and costs time in proportion to the length. What it cannot do: see letters of other
 * scripts that look alike, or know that a text means the same in other words.
 */

interface Grams {
  readonly words: ReadonlySet<string>;
  readonly run: ReadonlySet<string>;
}

const MAX_KEPT = 2_000;
const kept = new Map<string, Grams>();

/** 0 to 1; 1: nothing but case, accents, punctuation, spaces or stretched letters tells them apart. */
export function similarity(one: string, other: string): number {
  const [a, b] = [gramsOf(one), gramsOf(other)];
  return Math.max(jaccard(a.words, b.words), jaccard(a.run, b.run));
}

/** Words of lower-case letters and digits, one space between them. */
export function normalised(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(\p{L})\1+/gu, '$1')
    .trim();
  // Of a text without letters, what it has: each sign once in a row.
  return letters === '' ? text.replace(/\s+/gu, '').replace(/(.)\1+/gu, '$1') : letters;
}

function gramsOf(text: string): Grams {
  const found = kept.get(text);
  if (found !== undefined) return found;
  const words = normalised(text).split(' ');
  const grams = {
    words: new Set(words.flatMap(trigrams)),
    run: new Set(trigrams(collapsed(words.join('')))),
  };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, grams);
  return grams;
}

/** "fun now" and "funnow" have the same letters run together, though stretched ones were taken out before. */
function collapsed(letters: string): string {
  return letters.replace(/(\p{L})\1+/gu, '$1');
}

/** Two spaces before and one behind: the beginning of a word weighs more than its end. */
function trigrams(word: string): string[] {
  const points = [...`  ${word} `];
  return points.slice(2).map((_, index) => points.slice(index, index + 3).join(''));
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const gram of a) if (b.has(gram)) shared += 1;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}

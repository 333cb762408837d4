/** "Did you mean": the nearest of the known words, when one is near enough to be a slip of the fingers. */

export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = word.toLowerCase().slice(0, 64);
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `Did you mean "port"?`, or an empty text. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  return near === null ? '' : `Did you mean ${JSON.stringify(near)}?`;
}

/** Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) row.push(cellOf(a, b, i, j, before, last, row));
    before = last;
    last = row;
  }
  return last[b.length] ?? a.length;
}

function cellOf(
  a: string,
  b: string,
  i: number,
  j: number,
  before: readonly number[],
  last: readonly number[],
  row: readonly number[],
): number {
  const same = a[i - 1] === b[j - 1];
  const replaced = (last[j - 1] ?? 0) + (same ? 0 : 1);
  const smallest = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(smallest, (before[j - 2] ?? 0) + 1) : smallest;
}

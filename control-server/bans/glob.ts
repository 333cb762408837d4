/**
 * `*` stands for any characters, `?` for one (UTF-16 unit); there is no escape, and every other character is itself. Never
 * more than pattern × text steps: only the last `*` is ever tried again, which is enough, since what an earlier one could
 * take the last can take as well.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      i = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

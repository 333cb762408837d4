/** What MODE +b may be given: one word, and none that would keep ourselves out. */

/** Extended bans (`R:account`, `$a:account`) pass; a leading colon would end the parameters. */
const WORD = /^[^\s\x00-\x1f\x7f:][^\s\x00-\x1f\x7f]*$/;
const LONGEST_BYTES = 200;

/** What is wrong with it, or null. `own`: our own `nick!user@host`, as far as it is known. */
export function banMaskFault(mask: string, own: string | null): string | null {
  if (!WORD.test(mask) || Buffer.byteLength(mask) > LONGEST_BYTES)
    return 'expected a mask such as "*!*@host.example"';
  const whole = completed(mask);
  if (/^[*?!@.]*$/.test(whole)) return 'it would keep everybody out';
  return own !== null && matchesMask(whole.toLowerCase(), own.toLowerCase())
    ? 'it would keep this bot out'
    : null;
}

/** As servers complete it: `anna` → `anna!*@*`, `*@host` → `*!*@host`. */
function completed(mask: string): string {
  if (mask.includes('!')) return mask.includes('@') ? mask : `${mask}@*`;
  return mask.includes('@') ? `*!${mask}` : `${mask}!*@*`;
}

/** `*` and `?`; never more than pattern times text steps, whatever the pattern. */
export function matchesMask(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let index = 0; index < text.length; ) {
    const char = pattern[at];
    if (char === '*') {
      star = at;
      from = index;
      at += 1;
    } else if (char === '?' || char === text[index]) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      from += 1;
      index = from;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/**
 * The form under which names are compared: without case, and with the pairs that IRC holds to be one letter (rfc1459:
 * `[]\^` and `{}|~`). On networks with another casemapping that makes a few names more the same one, never fewer.
 */
export function foldName(name: string): string {
  const lower = name.toLowerCase();
  return PAIRS.test(lower)
    ? lower.replace(ALL_PAIRS, (char) => String.fromCharCode(char.charCodeAt(0) + 32))
    : lower;
}

const PAIRS = /[[\\\]^]/;
const ALL_PAIRS = /[[\\\]^]/g;

/** Account names of IRC have no case; ids of other networks do. */
export function authorKey(author: string): string {
  return author.startsWith('irc:') ? foldName(author) : author;
}

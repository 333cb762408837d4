/** Which names are the same one (ISUPPORT CASEMAPPING, draft-brocklesby-irc-isupport-03 §4.3). */
export type Casemapping = 'ascii' | 'rfc1459' | 'strict-rfc1459' | 'unicode';

const UPPER: Readonly<Record<Casemapping, RegExp>> = {
  ascii: /[A-Z]/g,
  'strict-rfc1459': /[A-Z[\\\]]/g,
  rfc1459: /[A-Z[\\\]^]/g,
  unicode: /\p{Lu}/gu,
};

/** Servers that say nothing mean rfc1459; `rfc7613`, `rfc8265` and other PRECIS names mean all of Unicode. */
export function casemappingOf(token: unknown): Casemapping {
  if (token === 'ascii' || token === 'strict-rfc1459') return token;
  return typeof token === 'string' && /^(rfc7613|rfc8265|precis|utf-?8)/i.test(token) ? 'unicode' : 'rfc1459';
}

/** The form under which a nick or channel name is a key. */
export function fold(name: string, mapping: Casemapping): string {
  if (mapping === 'unicode') return name.toLowerCase();
  // The upper half of each mapping lies exactly 32 below its lower half: `[` → `{`, `^` → `~`.
  return name.replace(UPPER[mapping], (char) => String.fromCharCode(char.charCodeAt(0) + 32));
}

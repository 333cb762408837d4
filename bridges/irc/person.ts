/** Who can be told something alone: a nick, and nothing that a server would take for more (RFC 2812 §3.3.1, msgto). */
import { type Line, parseSource } from './line.js';

/**
 * The characters that servers let into a nick, no more of ASCII: a channel, several targets (`,`), a mask (`$*`), an
 * address (`nick!user@host`, `user%host`) or a server has one that is not among them.
 */
const NICK = /^(?:[\w[\]\\`^{|}-]|[^\x00-\xa0\p{Z}\p{C}])(?:[\w[\]\\`^{|}~;-]|[^\x00-\xa0\p{Z}\p{C}])*$/u;
const LONGEST_BYTES = 128;

export function isNick(text: string): boolean {
  return NICK.test(text) && Buffer.byteLength(text) <= LONGEST_BYTES;
}

/** The nick that a line came from, or null: a server, or a bouncer's own voice (`*status`). */
export function personIn(line: Line): string | null {
  const { nick, host } = parseSource(line.source);
  return host !== '' && line.source.includes('!') && isNick(nick) ? nick : null;
}

import type { Caller } from './call.js';

/** `irc:quakenet`, `http`, `cli`: where a call came from, for the audit. */
export function originOf({ author, network }: Caller): string {
  const [bridge = ''] = author.split(':');
  return network === null ? bridge : `${bridge}:${network}`;
}

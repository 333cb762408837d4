/** Channel modes as this server describes them (ISUPPORT PREFIX and CHANMODES, modern.ircdocs.horse). */
import type { Rank } from '../../src/bridge.js';
import type { Server } from './session.js';

/** A mode that a member of a channel was given (`on`), or lost. */
export interface MemberChange {
  readonly on: boolean;
  readonly mode: string;
  readonly nick: string;
}

interface Prefix {
  readonly symbol: string;
  readonly mode: string;
}

/** RFC 2811 §4, for servers that do not say: lists, always an argument, one when set, never one. */
const ORDINARY_MODES = ['beI', 'k', 'l', ''];

/** Splits an entry of NAMES, `@+anna`: the nick, and its modes as letters. Without multi-prefix only the highest. */
export function splitPrefixes(
  server: Server,
  entry: string,
): { readonly modes: string; readonly nick: string } {
  const prefixes = prefixesOf(server);
  let modes = '';
  let at = 0;
  for (; at < entry.length; at += 1) {
    const prefix = prefixes.find(({ symbol }) => symbol === entry.charAt(at));
    if (prefix === undefined) break;
    modes += prefix.mode;
  }
  return { modes, nick: entry.slice(at) };
}

/** Those of `MODE #channel +o-v+b anna bert *!*@host` that are about members, in order. */
export function memberChanges(
  server: Server,
  letters: string,
  args: readonly string[],
): readonly MemberChange[] {
  const prefixes = prefixesOf(server);
  const [lists = '', always = '', whenSet = ''] = kindsOf(server);
  const changes: MemberChange[] = [];
  let on = true;
  let next = 0;
  for (const mode of letters) {
    if (mode === '+' || mode === '-') on = mode === '+';
    else if (prefixes.some((prefix) => prefix.mode === mode))
      changes.push({ on, mode, nick: args[next++] ?? '' });
    else if ((lists + always + (on ? whenSet : '')).includes(mode)) next += 1;
  }
  return changes;
}

/** Operator: +o, +h and what stands above them in PREFIX, which lists the highest first. */
export function rankOf(server: Server, modes: string): Rank | undefined {
  if (modes === '') return undefined;
  const order = prefixesOf(server).map(({ mode }) => mode);
  const lowest = Math.max(order.indexOf('h'), order.indexOf('o'));
  for (const mode of modes) {
    const place = order.indexOf(mode);
    if (place !== -1 && place <= lowest) return 'operator';
  }
  return modes.includes('v') ? 'voice' : undefined;
}

/** As the library splits it; it has an order of its own until the server tells. */
function prefixesOf(server: Server): readonly Prefix[] {
  const prefix = server.isupport('PREFIX');
  return Array.isArray(prefix) ? prefix : [];
}

function kindsOf(server: Server): readonly string[] {
  const kinds = server.isupport('CHANMODES');
  return Array.isArray(kinds) ? kinds : ORDINARY_MODES;
}

/**
 * Whom a grant is for: `irc:quakenet:account:zappater`, `identity:{id}`, `hostmask:libera:*!*@host.example.org`.
 *
 * Ids are compared byte for byte. `Zappater` and `zappater`, the same name on another network, and a name with a
 * Cyrillic `а` are others, whatever the network thinks of them: a grant may fail to be found, never be found by another.
 */

import { didYouMean } from '../../src/config/index.js';
import { CommandError } from '../command.js';

/** As much of the config as it takes. */
export type Networks = ReadonlyMap<string, { readonly bridge: string }>;

const MAX_CHARS = 300;
const AUTHOR = /^([a-z0-9-]+):([^:]+):(.+)$/u;
const UNFIT = /[\p{C}\p{Z}]/u;
/** Authors whom no network speaks for: their line came through a token, or from this machine. */
const WITHOUT_NETWORK: ReadonlySet<string> = new Set(['http', 'cli']);

/** An account as people write it, `zappater@quakenet`, or a whole id. Throws CommandError. */
export function accountNamed(text: string, networks: Networks): string {
  refuseUnfit(text);
  if (/^(?:identity|hostmask):/.test(text))
    throw new CommandError(`${shownText(text)} is no account. ${ACCOUNT}`);
  const [, kind, network, rest = ''] = AUTHOR.exec(text) ?? [];
  if (kind !== undefined && network !== undefined) return checkedAuthor(text, kind, network, rest, networks);
  const at = text.lastIndexOf('@');
  const name = text.slice(0, at);
  if (at < 1 || name.includes('!')) throw new CommandError(`${shownText(text)} is no account. ${ACCOUNT}`);
  const where = text.slice(at + 1);
  return `${bridgeOf(where, networks)}:${where}:account:${name}`;
}

const ACCOUNT =
  'Name an account and its network, such as zappater@quakenet: a nick is anybody’s. They see theirs with "whoami".';

function checkedAuthor(id: string, kind: string, network: string, rest: string, networks: Networks): string {
  if (WITHOUT_NETWORK.has(kind)) return id;
  if (bridgeOf(network, networks) !== kind) {
    throw new CommandError(
      `${network} is no ${kind} network. See the id with "whoami" and write it the same.`,
    );
  }
  if (/^(?:host|nick):/.test(rest)) throw new CommandError(`${shownText(id)} is no account. ${ACCOUNT}`);
  return id;
}

function bridgeOf(network: string, networks: Networks): string {
  const found = networks.get(network);
  if (found !== undefined) return found.bridge;
  const hint = didYouMean(network, networks.keys()) || `There are: ${[...networks.keys()].join(', ')}.`;
  throw new CommandError(`There is no network ${shownText(network)}. ${hint}`);
}

const MASK = /^([^\s!@*?]+|\*)!([^\s!@*?]+|\*)@([^\s!@*?]+)@([^\s@]+)$/u;

/** `*!*@host.example.org@libera`. The host is whole: who is in a range of hosts is nobody's to know. */
export function hostmaskNamed(text: string, networks: Networks): string {
  refuseUnfit(text);
  const [, nick, user, host, network] = MASK.exec(text) ?? [];
  if (nick === undefined || user === undefined || host === undefined || network === undefined) {
    throw new CommandError(
      `${shownText(text)} is no hostmask. Write it as *!*@host.example.org@libera, the host without wildcards.`,
    );
  }
  bridgeOf(network, networks);
  return maskId(network, nick, user, host);
}

function maskId(network: string, nick: string, user: string, host: string): string {
  return `hostmask:${network}:${nick}!${user}@${host.toLowerCase()}`;
}

const SOURCE = /^[a-z0-9-]+:([^:]+):host:([^!@]+)!([^!@]*)@([^!@]+)$/u;

/** The hostmasks that fit an author who is not logged in, on the network where they spoke. */
export function masksOf(author: string, network: string): readonly string[] {
  const [, where, nick = '', user = '', host = ''] = SOURCE.exec(author) ?? [];
  if (where !== network) return [];
  return [nick, '*'].flatMap((n) => [user, '*'].map((u) => maskId(network, n, u, host)));
}

export function isHostmask(subject: string): boolean {
  return subject.startsWith('hostmask:');
}

/** Two hostmasks that may fit the same person. */
export function sameHost(one: string, other: string): boolean {
  return isHostmask(one) && isHostmask(other) && placeOf(one) === placeOf(other);
}

function placeOf(mask: string): string {
  return `${mask.split(':', 2)[1]} ${mask.slice(mask.lastIndexOf('@'))}`;
}

/**
 * The network vouches for the author, and the author is one of that network: what a plugin hands in for `libera` never
 * speaks for an account of `quakenet`.
 */
export function isVouchedFor(caller: {
  readonly author: string;
  readonly verified: boolean;
  readonly network: string | null;
}): boolean {
  if (!caller.verified) return false;
  const [kind = '', network] = caller.author.split(':', 2);
  if (kind === 'identity' || kind === 'hostmask') return false;
  if (caller.network === null) return WITHOUT_NETWORK.has(kind);
  return network === caller.network && !WITHOUT_NETWORK.has(kind);
}

/** As people write it. */
export function shown(subject: string): string {
  const [, network, account] = /^[a-z0-9-]+:([^:]+):account:(.+)$/u.exec(subject) ?? [];
  if (account !== undefined) return shownText(`${account}@${network}`);
  const [, where, mask] = /^hostmask:([^:]+):(.+)$/u.exec(subject) ?? [];
  return shownText(mask === undefined ? subject : `${mask}@${where}`);
}

/** A warning about letters that may look like others: a name that is copied is not seen through. Null: there are none. */
export function lookalikeWarning(subject: string): string | null {
  if (![...subject].some((char) => char > '\x7f')) return null;
  return `Warning: ${shown(subject)} has letters that may look like others. Compare it letter by letter, or type it.`;
}

/** What somebody typed, for an answer. */
export function shownText(text: string): string {
  const clean = text.replace(/[\p{C}\p{Z}]/gu, '?');
  return clean.length > MAX_CHARS ? `${clean.slice(0, MAX_CHARS)}…` : clean;
}

function refuseUnfit(text: string): void {
  if (text === '' || text.length > MAX_CHARS || UNFIT.test(text)) {
    throw new CommandError(`${shownText(text) || 'Nothing'} is no account. ${ACCOUNT}`);
  }
}

/** Who is in which of our channels, and what is known of them. Follows JOIN, PART, QUIT, NICK, KICK and the lists. */
import { parseSource, type Source } from './line.js';
import type { Session } from './session.js';

export interface User extends Source {
  /** Name of the services account; null when logged out, undefined when the server has not said. */
  readonly account: string | null | undefined;
  readonly bot: boolean;
}

export interface Roster {
  user(nick: string): User | undefined;
  /** Adds what is known of a user, without forgetting the rest. */
  learn(nick: string, known: Partial<User>): void;
  joined(channel: string, nick: string): void;
  left(channel: string, nick: string): void;
  /** Folded names of the channels that we share. */
  channelsOf(nick: string): readonly string[];
  renamed(nick: string, next: string): void;
  forget(nick: string): void;
  /** We left the channel: its members are no longer ours to know. */
  clear(channel: string): void;
  members(channel: string): readonly string[];
}

interface Entry {
  user: User;
  readonly channels: Set<string>;
}

export function createRoster(fold: (name: string) => string): Roster {
  const entries = new Map<string, Entry>();
  const members = new Map<string, Set<string>>();

  const entryOf = (nick: string): Entry => {
    const key = fold(nick);
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { user: { nick, user: '', host: '', account: undefined, bot: false }, channels: new Set() };
      entries.set(key, entry);
    }
    return entry;
  };
  const detach = (channelKey: string, key: string): void => {
    const entry = entries.get(key);
    entry?.channels.delete(channelKey);
    members.get(channelKey)?.delete(key);
    if (entry?.channels.size === 0) entries.delete(key);
  };

  return {
    user: (nick) => entries.get(fold(nick))?.user,
    learn(nick, known) {
      const entry = entries.get(fold(nick));
      if (entry !== undefined) entry.user = { ...entry.user, ...known };
    },
    joined(channel, nick) {
      const channelKey = fold(channel);
      entryOf(nick).channels.add(channelKey);
      const present = members.get(channelKey) ?? new Set();
      members.set(channelKey, present.add(fold(nick)));
    },
    left: (channel, nick) => detach(fold(channel), fold(nick)),
    channelsOf: (nick) => [...(entries.get(fold(nick))?.channels ?? [])],
    renamed(nick, next) {
      const entry = entries.get(fold(nick));
      if (entry === undefined) return;
      const key = fold(nick);
      const nextKey = fold(next);
      entries.delete(key);
      entries.set(nextKey, entry);
      entry.user = { ...entry.user, nick: next };
      for (const channel of entry.channels) {
        members.get(channel)?.delete(key);
        members.get(channel)?.add(nextKey);
      }
    },
    forget(nick) {
      const key = fold(nick);
      for (const channel of entries.get(key)?.channels ?? []) members.get(channel)?.delete(key);
      entries.delete(key);
    },
    clear(channel) {
      const channelKey = fold(channel);
      for (const key of [...(members.get(channelKey) ?? [])]) detach(channelKey, key);
      members.delete(channelKey);
    },
    members: (channel) => [...(members.get(fold(channel)) ?? [])],
  };
}

/** Reads what the server lists: NAMES, WHO, account and address changes. */
export function fillRoster(session: Session, roster: Roster): void {
  // RPL_NAMREPLY: `353 me = #channel :@nick +nick!user@host`.
  session.on('353', ({ params }) => {
    const channel = params[2] ?? '';
    const symbols = prefixSymbols(session.server.isupport('PREFIX'));
    for (const entry of (params[3] ?? '').split(' ')) {
      const source = parseSource(withoutPrefix(entry, symbols));
      if (source.nick === '') continue;
      roster.joined(channel, source.nick);
      if (source.host !== '') roster.learn(source.nick, source);
    }
  });
  session.on('ACCOUNT', (line) => {
    const [account = '*'] = line.params;
    roster.learn(parseSource(line.source).nick, { account: account === '*' ? null : account });
  });
  session.on('CHGHOST', (line) => {
    const [user = '', host = ''] = line.params;
    roster.learn(parseSource(line.source).nick, { user, host });
  });
  // RPL_WHOREPLY: `352 me #channel user host server nick flags :0 realname`.
  session.on('352', ({ params: [, , user = '', host = '', , nick = '', flags = ''] }) =>
    roster.learn(nick, { user, host, bot: hasBotFlag(session, flags) }),
  );
  // RPL_WHOSPCRPL to WHOX_FIELDS: `354 me token user host nick flags account`.
  session.on('354', ({ params: [, token, user = '', host = '', nick = '', flags = '', account = '0'] }) => {
    if (token !== WHOX_TOKEN) return;
    roster.learn(nick, {
      user,
      host,
      bot: hasBotFlag(session, flags),
      account: account === '0' ? null : account,
    });
  });
}

/** ISUPPORT PREFIX as the library splits it: `[{symbol: '@', mode: 'o'}]`. */
function prefixSymbols(prefix: unknown): string {
  return Array.isArray(prefix) ? prefix.map((entry) => String(entry?.symbol ?? '')).join('') : '~&@%+';
}

/** With multi-prefix a nick has all of its prefixes: `@+nick`. */
function withoutPrefix(entry: string, symbols: string): string {
  let at = 0;
  while (at < entry.length && symbols.includes(entry.charAt(at))) at += 1;
  return entry.slice(at);
}

const WHOX_TOKEN = '729';

/** Asks who is in a channel, where nothing else would tell the accounts or the bots. */
export function askWho(session: Session, channel: string): void {
  const { server, config } = session;
  const whox = server.isupport('WHOX') !== undefined;
  const wantsAccounts = whox && !server.hasCap('account-tag');
  const wantsBots =
    config.ignoreBots && server.isupport('BOT') !== undefined && !server.hasCap('message-tags');
  if (!wantsAccounts && !wantsBots) return;
  session.send(whox ? `WHO ${channel} %tuhnfa,${WHOX_TOKEN}` : `WHO ${channel}`);
}

function hasBotFlag(session: Session, flags: string): boolean {
  const letter = session.server.isupport('BOT');
  return typeof letter === 'string' && letter !== '' && flags.includes(letter);
}

/**
 * Who is in which of our channels with which modes, and what is known of them. Follows JOIN, PART, QUIT, NICK, KICK, MODE
 * and the lists.
 */
import { parseSource, type Source } from './line.js';
import { memberChanges, splitPrefixes } from './modes.js';
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
  /** `modes`: all that they have there, as letters; none after a JOIN. */
  joined(channel: string, nick: string, modes?: string): void;
  /** One mode of a member was given or taken. */
  moded(channel: string, nick: string, mode: string, on: boolean): void;
  /** Letters of their modes there; empty when they have none, or are not there. */
  modesOf(channel: string, nick: string): string;
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
  /** Folded name → letters of their modes there. */
  readonly channels: Map<string, string>;
}

export function createRoster(fold: (name: string) => string): Roster {
  const entries = new Map<string, Entry>();
  const members = new Map<string, Set<string>>();

  const entryOf = (nick: string): Entry => {
    const key = fold(nick);
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { user: { nick, user: '', host: '', account: undefined, bot: false }, channels: new Map() };
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
    joined(channel, nick, modes = '') {
      const channelKey = fold(channel);
      entryOf(nick).channels.set(channelKey, modes);
      const present = members.get(channelKey) ?? new Set();
      members.set(channelKey, present.add(fold(nick)));
    },
    moded(channel, nick, mode, on) {
      const channels = entries.get(fold(nick))?.channels;
      const key = fold(channel);
      const before = channels?.get(key);
      if (before !== undefined) channels?.set(key, before.replaceAll(mode, '') + (on ? mode : ''));
    },
    modesOf: (channel, nick) => entries.get(fold(nick))?.channels.get(fold(channel)) ?? '',
    left: (channel, nick) => detach(fold(channel), fold(nick)),
    channelsOf: (nick) => [...(entries.get(fold(nick))?.channels.keys() ?? [])],
    renamed(nick, next) {
      const entry = entries.get(fold(nick));
      if (entry === undefined) return;
      const key = fold(nick);
      const nextKey = fold(next);
      entries.delete(key);
      entries.set(nextKey, entry);
      entry.user = { ...entry.user, nick: next };
      for (const channel of entry.channels.keys()) {
        members.get(channel)?.delete(key);
        members.get(channel)?.add(nextKey);
      }
    },
    forget(nick) {
      const key = fold(nick);
      for (const channel of entries.get(key)?.channels.keys() ?? []) members.get(channel)?.delete(key);
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

/** Reads what the server lists: NAMES, WHO, and changes of modes, account and address. */
export function fillRoster(session: Session, roster: Roster): void {
  // RPL_NAMREPLY: `353 me = #channel :@nick +nick!user@host`.
  session.on('353', ({ params }) => {
    const channel = params[2] ?? '';
    for (const entry of (params[3] ?? '').split(' ')) {
      const { modes, nick: address } = splitPrefixes(session.server, entry);
      const source = parseSource(address);
      if (source.nick === '') continue;
      roster.joined(channel, source.nick, modes);
      if (source.host !== '') roster.learn(source.nick, source);
    }
  });
  session.on('MODE', ({ params: [channel = '', letters = '', ...args] }) => {
    for (const { on, mode, nick } of memberChanges(session.server, letters, args)) {
      roster.moded(channel, nick, mode, on);
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

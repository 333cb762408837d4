/** Who said it: by services account where the server vouches for one, else by address. */
import type { Author, NetworkEvent } from '../../src/bridge.js';
import { type Line, parseSource, tagOf } from './line.js';
import { rankOf } from './modes.js';
import { personIn } from './person.js';
import type { Roster } from './roster.js';
import type { Session } from './session.js';

type Speaker = Pick<NetworkEvent, 'author' | 'person' | 'rank' | 'mask'>;

/** All that an event says of who caused it in this channel. */
export function speakerOf(session: Session, roster: Roster, line: Line, channel: string): Speaker {
  const author = authorOf(session, roster, line);
  const person = personIn(line);
  if (person === null) return { author };
  const rank = rankOf(session.server, roster.modesOf(channel, person));
  const known = { author, person, mask: line.source };
  return rank === undefined ? known : { ...known, rank };
}

/** `account-tag`, else what JOIN, ACCOUNT and WHOX have told; a bot by its tag or its WHO flag. */
export function authorOf(session: Session, roster: Roster, line: Line): Author {
  const { nick } = parseSource(line.source);
  const user = roster.user(nick);
  const bot = user?.bot === true || hasBotTag(line);
  // Where every line has the tag, one without is from somebody who is logged out, whatever we have been told before.
  const account = session.server.hasCap('account-tag') ? tagOf(line, 'account') : user?.account;
  if (account !== undefined && account !== null && account !== '') {
    return accountAuthor(session, account, nick, bot);
  }
  const prefix = `irc:${session.network.name}`;
  const isServer = !line.source.includes('!') && nick.includes('.');
  return author(`${prefix}:${isServer ? 'server' : 'host'}:${line.source}`, nick, isServer, bot);
}

/** Somebody for whom the network vouches. */
export function accountAuthor(session: Session, account: string, nick: string, bot: boolean): Author {
  return author(`irc:${session.network.name}:account:${account}`, nick, true, bot);
}

function author(id: string, name: string, verified: boolean, bot: boolean): Author {
  return bot ? { id, name, verified, bot } : { id, name, verified };
}

/** ircv3.net/specs/extensions/bot-mode */
function hasBotTag(line: Line): boolean {
  if (!line.tags.includes('bot')) return false;
  return ['bot', 'draft/bot', 'inspircd.org/bot'].some((name) => tagOf(line, name) !== undefined);
}

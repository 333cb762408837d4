/** Who said it: by services account where the server vouches for one, else by address. */
import type { Author } from '../../src/bridge.js';
import { type Line, parseSource, tagOf } from './line.js';
import type { Roster } from './roster.js';
import type { Session } from './session.js';

/** `account-tag`, else what JOIN, ACCOUNT and WHOX have told; a bot by its tag or its WHO flag. */
export function authorOf(session: Session, roster: Roster, line: Line): Author {
  const { nick } = parseSource(line.source);
  const user = roster.user(nick);
  const account = tagOf(line, 'account') ?? user?.account;
  const bot = user?.bot === true || hasBotTag(line);
  const prefix = `irc:${session.network.name}`;
  if (account !== undefined && account !== null && account !== '') {
    return author(`${prefix}:account:${account}`, nick, true, bot);
  }
  const isServer = !line.source.includes('!') && nick.includes('.');
  return author(`${prefix}:${isServer ? 'server' : 'host'}:${line.source}`, nick, isServer, bot);
}

function author(id: string, name: string, verified: boolean, bot: boolean): Author {
  return bot ? { id, name, verified, bot } : { id, name, verified };
}

/** ircv3.net/specs/extensions/bot-mode */
function hasBotTag(line: Line): boolean {
  if (!line.tags.includes('bot')) return false;
  return ['bot', 'draft/bot', 'inspircd.org/bot'].some((name) => tagOf(line, name) !== undefined);
}

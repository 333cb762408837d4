/**
 * Who somebody is as far as the server can say, for networks whose lines carry no account: WHOIS.
 *
 * Believed is what only services or the server itself can set: RPL_WHOISACCOUNT (330), or that they have identified for
 * this registered nick (307). Not the free text of RPL_WHOISSPECIAL (320), which operators give to whom they like. The
 * answer is about who has the nick now: with `mask` somebody else who has taken it since is not them.
 */
import type { Author } from '../../src/bridge.js';
import { DeliveryError } from '../../src/bridge.js';
import { accountAuthor } from './author.js';
import type { Exchange } from './exchange.js';
import { type Line, parseSource } from './line.js';
import { isNick } from './person.js';
import type { Roster } from './roster.js';
import type { Session } from './session.js';

export type Identify = (person: string, mask?: string) => Promise<Author | null>;

export function createIdentify(session: Session, roster: Roster, exchange: Exchange): Identify {
  /** Asked once for all who want to know meanwhile. */
  const asked = new Map<string, Promise<readonly Line[]>>();
  const whois = (nick: string): Promise<readonly Line[]> => {
    const key = session.fold(nick);
    const known = asked.get(key);
    if (known !== undefined) return known;
    const answer = exchange.ask(`WHOIS ${nick}`).catch((error: unknown) => {
      // Nothing was changed: it may be asked again.
      throw new DeliveryError('unavailable', error instanceof Error ? error.message : String(error));
    });
    asked.set(key, answer);
    const forget = (): void => void asked.delete(key);
    answer.then(forget, forget);
    return answer;
  };

  return async (person, mask) => {
    if (!isNick(person)) return null;
    const lines = await whois(person);
    if (lines.some(({ command }) => command === '263'))
      throw new DeliveryError('unavailable', 'the server asks to be asked later');
    const about = (numeric: string, least: number): readonly string[] | undefined =>
      lines.find(
        ({ command, params }) =>
          command === numeric &&
          params.length >= least &&
          session.fold(params[1] ?? '') === session.fold(person),
      )?.params;
    const user = about('311', 4);
    if (user === undefined) return null;
    const [, nick = '', ident = '', host = ''] = user;
    if (mask !== undefined && !isSame(session, mask, { nick, ident, host })) return null;
    const account = about('330', 4)?.[2] ?? (about('307', 2) === undefined ? undefined : nick);
    if (account === undefined || account === '' || account === '*') return null;
    return accountAuthor(session, account, nick, roster.user(nick)?.bot === true);
  };
}

interface Address {
  readonly nick: string;
  readonly ident: string;
  readonly host: string;
}

function isSame(session: Session, mask: string, { nick, ident, host }: Address): boolean {
  const spoke = parseSource(mask);
  return (
    session.fold(spoke.nick) === session.fold(nick) &&
    spoke.user === ident &&
    spoke.host.toLowerCase() === host.toLowerCase()
  );
}

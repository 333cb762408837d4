/**
 * Getting a nick when ours is taken, and getting ours back.
 *
 * During registration: the alternates, then the nick with more and more `_`. Afterwards MONITOR tells when the
 * wanted nick becomes free (ircv3.net/specs/extensions/monitor); without it ISON asks now and then (RFC 2812 §4.9).
 */
import { PermanentError } from '../../src/bridge.js';
import { parseSource } from './line.js';
import type { Session } from './session.js';

const MOST_TRIES = 12;

/** Answers ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_NICKCOLLISION and ERR_UNAVAILRESOURCE until the welcome. */
export function chooseNick(session: Session): void {
  let registered = false;
  let tries = 0;
  session.on('001', () => {
    registered = true;
  });
  session.on(['432', '433', '436', '437'], ({ command, params }) => {
    if (registered) return;
    const next = nickAfter(session.config.nick, session.config.alternates, tries);
    tries += 1;
    if (tries > MOST_TRIES) {
      return session.fail(
        new PermanentError(`no nick was accepted: ${command} ${params.at(-1) ?? ''}`, {
          fix: 'Set `nick` and `alternates` to nicks that this network allows.',
        }),
      );
    }
    session.self.rename(next);
    session.sendUrgent(`NICK ${next}`);
  });
}

/** The nick for try number `tries` after the first, 0-based. */
export function nickAfter(nick: string, alternates: readonly string[], tries: number): string {
  const alternate = alternates[tries];
  if (alternate !== undefined) return alternate;
  const tail = '_'.repeat(1 + ((tries - alternates.length) % 3));
  // From the fourth on shorter stems: 9 characters is all that RFC 1459 promises.
  const stem = tries - alternates.length < 3 ? nick : nick.slice(0, 9 - tail.length - 1);
  const digit = tries - alternates.length < 3 ? '' : String((tries * 7) % 10);
  return stem + digit + tail;
}

/** Runs after the welcome. */
export function regainNick(session: Session): void {
  const wanted = session.config.nick;
  if (session.self.nick === wanted) return;
  const monitors = session.server.isupport('MONITOR') !== undefined;
  const take = (): void => {
    if (!session.self.is(wanted)) session.send(`NICK ${wanted}`);
  };
  const isWanted = (nick: string): boolean => session.fold(nick) === session.fold(wanted);

  session.on('QUIT', (line) => {
    if (isWanted(parseSource(line.source).nick)) take();
  });
  session.on('NICK', (line) => {
    if (isWanted(parseSource(line.source).nick)) take();
    else if (monitors && session.self.is(wanted)) session.send(`MONITOR - ${wanted}`);
  });
  // RPL_MONOFFLINE: `731 me :nick[,nick]`.
  session.on('731', ({ params }) => {
    if ((params.at(-1) ?? '').split(',').some((mask) => isWanted(parseSource(mask).nick))) take();
  });
  // RPL_ISON: `303 me :nick nick`.
  session.on('303', ({ params }) => {
    if (!(params.at(-1) ?? '').split(' ').some(isWanted)) take();
  });
  if (monitors) session.send(`MONITOR + ${wanted}`);
  else poll(session, wanted);
}

function poll(session: Session, wanted: string): void {
  session.after(session.config.regainInterval, () => {
    if (session.self.is(wanted)) return;
    session.send(`ISON ${wanted}`);
    poll(session, wanted);
  });
}

/** Follows our own nick, however it changes. */
export function followNick(session: Session): void {
  session.on('NICK', (line) => {
    const next = line.params[0];
    if (next !== undefined && next !== '' && session.self.is(parseSource(line.source).nick)) {
      session.self.rename(next);
    }
  });
}

/** Who we are on this server: the nick we got and how others see our address. */
import { parseSource } from './line.js';
import type { Session } from './session.js';

export interface Self {
  readonly nick: string;
  /** True for our own nick, whatever its case. */
  is(nick: string): boolean;
  /** Bytes of `nick!user@host` as the server puts it before our lines. A safe guess until it is known. */
  maskBytes(): number;
  /** `nick!user@host` as others see it; null until the server has shown it. */
  mask(): string | null;
  /** For the registration, which tries one nick after the other. */
  rename(nick: string): void;
}

/** User names and host names as long as servers make them (RFC 1123 allows no longer host). */
const LONGEST_USER = 10;
const LONGEST_HOST = 63;

type Listener = Pick<Session, 'on' | 'fold'>;

export function trackSelf(session: Listener, firstNick: string): Self {
  let nick = firstNick;
  let key = session.fold(firstNick);
  let user: string | null = null;
  let host: string | null = null;

  const self: Self = {
    get nick() {
      return nick;
    },
    is: (other) => other.length === nick.length && (other === nick || session.fold(other) === key),
    maskBytes: () =>
      Buffer.byteLength(nick) + (user?.length ?? LONGEST_USER) + (host?.length ?? LONGEST_HOST) + '!@'.length,
    mask: () => (user === null || host === null ? null : `${nick}!${user}@${host}`),
    rename(next) {
      nick = next;
      key = session.fold(next);
    },
  };

  const learn = (newUser: string, newHost: string): void => {
    if (newUser !== '') user = newUser;
    if (newHost !== '') host = newHost;
  };

  session.on('001', (line) => self.rename(line.params[0] ?? nick));
  // CASEMAPPING has changed what our nick folds to.
  session.on(['376', '422'], () => self.rename(nick));
  session.on('JOIN', (line) => {
    const source = parseSource(line.source);
    if (self.is(source.nick)) learn(source.user, source.host);
  });
  // RPL_VISIBLEHOST: `396 nick [user@]host :is now your displayed host`.
  session.on('396', ({ params }) => {
    const shown = params[1] ?? '';
    const at = shown.indexOf('@');
    if (self.is(params[0] ?? '')) learn(shown.slice(0, Math.max(0, at)), shown.slice(at + 1));
  });
  session.on('CHGHOST', (line) => {
    if (self.is(parseSource(line.source).nick)) learn(line.params[0] ?? '', line.params[1] ?? '');
  });
  session.on('352', ({ params }) => {
    if (self.is(params[5] ?? '')) learn(params[2] ?? '', params[3] ?? '');
  });
  return self;
}

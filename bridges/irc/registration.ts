/**
 * From the first byte to the end of the welcome: nick, password, SASL.
 *
 * Fails closed: with `sasl.required` nothing but a completed login lets CAP END or the welcome pass.
 */
import { PermanentError } from '../../src/bridge.js';
import { deferred } from './deferred.js';
import { banned, loginRefused, loginUnanswered, lost } from './faults.js';
import type { Session } from './session.js';

export interface Registration {
  /** Resolves after the welcome and the MOTD. */
  readonly done: Promise<void>;
  /** Asked for each line that the library wants to send; returns whether it may go now. */
  allows(line: string): boolean;
}

/** Some servers say nothing in place of the MOTD. */
const MOTD_WAIT_MS = 5000;

export function register(session: Session): Registration {
  const done = deferred<void>();
  const refuse = (error: Error): void => {
    done.reject(error);
    session.fail(error);
  };
  watchWelcome(session, done.resolve);
  watchRefusals(session, refuse);
  const sasl = watchSasl(session, refuse);
  const cancel = session.after(session.config.connectTimeout, () =>
    refuse(lost(`registration did not complete within ${session.config.connectTimeout} ms`)),
  );
  done.promise.then(cancel, cancel);
  return { done: done.promise, allows: sasl };
}

function watchWelcome(session: Session, resolve: () => void): void {
  // RPL_ENDOFMOTD, ERR_NOMOTD: RPL_ISUPPORT has been sent by then.
  session.on(['376', '422'], resolve);
  session.on('001', () => session.after(MOTD_WAIT_MS, resolve));
}

function watchRefusals(session: Session, refuse: (error: Error) => void): void {
  session.on('464', ({ params }) =>
    refuse(
      new PermanentError(`464 ERR_PASSWDMISMATCH: ${params.at(-1) ?? ''}`, {
        fix: 'Check `password`, the password of the server.',
      }),
    ),
  );
  session.on('465', ({ params }) => refuse(banned(params.at(-1) ?? '')));
}

type Login = 'pending' | 'done' | 'failed';

function watchSasl(session: Session, refuse: (error: Error) => void): (line: string) => boolean {
  const { sasl } = session.config;
  if (sasl === undefined) return (line) => line !== 'CAP REQ :';
  let login: Login = 'pending';
  let asked = false;
  let held = false;

  const settle = (state: Login): void => {
    login = state;
    if (held) session.sendUrgent('CAP END');
    held = false;
  };
  const failed = (error: Error): void => {
    if (login !== 'pending') return;
    if (sasl.required) {
      refuse(error);
      return;
    }
    session.network.degraded(null, error.message);
    settle('failed');
  };

  // RPL_SASLSUCCESS, ERR_SASLALREADY.
  session.on(['903', '907'], () => settle('done'));
  // ERR_NICKLOCKED, ERR_SASLFAIL, ERR_SASLTOOLONG, RPL_SASLMECHS.
  session.on(['902', '904', '905', '908'], ({ command, params }) =>
    failed(loginRefused('SASL', `${command} ${params.at(-1) ?? ''}`, 'sasl')),
  );
  session.on('906', () => failed(loginUnanswered('SASL', '906 ERR_SASLABORTED', 'sasl')));
  session.on('001', () => failed(loginUnanswered('SASL', 'the server does not offer it', 'sasl')));

  return (line) => {
    if (line.startsWith('AUTHENTICATE ')) asked = true;
    if (line === 'CAP REQ :') return false;
    if (line !== 'CAP END' || login !== 'pending') return true;
    held = true;
    if (!asked) failed(loginUnanswered('SASL', 'the server does not offer it', 'sasl'));
    return false;
  };
}

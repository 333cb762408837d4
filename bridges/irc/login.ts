/** Login by a message to services, for networks without SASL. Done before the first JOIN. */
import { deferred } from './deferred.js';
import { loginRefused, loginUnanswered } from './faults.js';
import { type Line, parseSource } from './line.js';
import type { Session } from './session.js';

interface Request {
  /** `NickServ` */
  readonly how: string;
  /** Nick whose notices are the answer. */
  readonly service: string;
  readonly lines: readonly string[];
  readonly required: boolean;
  /** Config path, for the error. */
  readonly field: string;
}

const ACCEPTED =
  /you are now (?:identified|logged in|recogni[sz]ed)|password accepted|already (?:identified|logged in)|now identified for/i;
const REFUSED =
  /incorrect|invalid|wrong|(?:authentication|login) failed|access denied|not (?:a )?registered|isn'?t registered|no such account|lastauth/i;

/** Resolves when services have answered; rejects when a required login failed. */
export async function logIn(session: Session): Promise<void> {
  for (const request of requestsOf(session)) {
    try {
      await ask(session, request);
    } catch (error) {
      if (request.required) throw error;
      session.network.degraded(null, error instanceof Error ? error.message : String(error));
    }
  }
}

function requestsOf(session: Session): readonly Request[] {
  const { nickserv, quakenet } = session.config.services ?? {};
  const requests: Request[] = [];
  if (nickserv !== undefined) {
    const account = nickserv.account === undefined ? '' : `${nickserv.account} `;
    requests.push({
      how: nickserv.service,
      service: nickserv.service,
      lines: [`PRIVMSG ${nickserv.service} :IDENTIFY ${account}${nickserv.password}`],
      required: nickserv.required,
      field: 'services.nickserv',
    });
  }
  if (quakenet !== undefined) {
    const hide = quakenet.hideHost ? [`MODE ${session.self.nick} +x`] : [];
    requests.push({
      how: 'Q',
      service: 'Q',
      // The full address: a message to plain "Q" could reach whoever took that nick.
      lines: [...hide, `PRIVMSG Q@CServe.quakenet.org :AUTH ${quakenet.account} ${quakenet.password}`],
      required: quakenet.required,
      field: 'services.quakenet',
    });
  }
  return requests;
}

function ask(session: Session, request: Request): Promise<void> {
  const { how, field } = request;
  const answer = deferred<void>();
  const service = session.fold(request.service.replace(/@.*/, ''));
  const refuse = (reason: string): void => answer.reject(loginUnanswered(how, reason, field));

  // RPL_LOGGEDIN.
  session.on('900', () => answer.resolve());
  session.on('MODE', ({ params }) => {
    if (session.self.is(params[0] ?? '') && /^\+[^-]*r/.test(params[1] ?? '')) answer.resolve();
  });
  session.on('NOTICE', (line: Line) => {
    const text = line.params.at(-1) ?? '';
    if (session.fold(parseSource(line.source).nick) !== service || !session.self.is(line.params[0] ?? ''))
      return;
    if (ACCEPTED.test(text)) answer.resolve();
    else if (REFUSED.test(text)) answer.reject(loginRefused(how, text, field));
  });
  // ERR_NOSUCHNICK, ERR_NOSUCHSERVER, ERR_SERVICESDOWN.
  session.on(['401', '402', '440'], ({ params }) => {
    if (session.fold((params[1] ?? '').replace(/@.*/, '')) === service) refuse('the service is not there');
  });
  const cancel = session.after(session.config.loginTimeout, () => refuse('no answer'));
  for (const line of request.lines) session.send(line);
  return answer.promise.finally(cancel);
}

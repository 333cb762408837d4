/**
 * Asking the server one thing and knowing which of its lines are the answer.
 *
 * Problem: a refusal names the channel or the nick, not the line that it refuses; a 482 may be about a MODE or about
 * something that was said, and a 401 about a WHOIS or a notice. Idea: a server handles the lines of one client in
 * order, so what it says between the PONGs to a PING before the line and one behind it answers that line. All three leave
 * together: nothing else of ours is between them.
 *
 * One at a time, and seldom, since networks count each of the three lines against us: a bucket as slow as the flood
 * limit allows. What it cannot do: know an answer that comes from another server after our own has answered.
 */
import { DeliveryError } from '../../src/bridge.js';
import { Bucket } from './bucket.js';
import { type Deferred, deferred } from './deferred.js';
import type { Line } from './line.js';
import type { Session } from './session.js';

export interface Exchange {
  /**
   * Sends the line when its turn has come; resolves with what of `ANSWERS` the server said to it. Throws DeliveryError:
   * `unavailable` when it was not sent, `unknown` when there was no answer.
   */
  ask(line: string): Promise<readonly Line[]>;
  /** What the server says now is the answer to a question, and to nothing that was said in a channel. */
  readonly answering: boolean;
  /** The connection is gone. */
  lost(reason: string): void;
}

interface Question {
  readonly line: string;
  readonly answer: Deferred<readonly Line[]>;
}

interface Asked extends Question {
  readonly before: string;
  readonly behind: string;
  readonly lines: Line[];
  answering: boolean;
  written: boolean;
  readonly giveUp: () => void;
}

/** RPL_TRYAGAIN, RPL_WHOISREGNICK, RPL_WHOISUSER, RPL_WHOISACCOUNT, every error, and the changes that we may have made. */
const ANSWERS: readonly string[] = [
  ...['263', '307', '311', '330', '696', 'MODE', 'KICK'],
  ...Array.from({ length: 200 }, (_, index) => String(400 + index)),
];
const LINES_EACH = 3;
const BURST = 3;
const MOST_WAITING = 40;
const MOST_LINES = 500;
const PATIENCE_INTERVALS = 4;

export function createExchange(session: Session): Exchange {
  const { burst, perSecond } = session.network.flood;
  const unlimited = burst === Number.POSITIVE_INFINITY || perSecond <= 0;
  const bucket = new Bucket(BURST, unlimited ? 0 : (LINES_EACH / perSecond) * 1000);
  const waiting: Question[] = [];
  let asked: Asked | null = null;
  let timer: (() => void) | null = null;
  let count = 0;
  let ended: string | null = null;

  const next = (): void => {
    if (asked !== null || timer !== null || waiting.length === 0) return;
    bucket.refill();
    if (bucket.tokens < 1) {
      timer = session.after(Math.ceil(bucket.nextMs), () => {
        timer = null;
        next();
      });
      return;
    }
    const question = waiting.shift();
    if (question !== undefined) send(question);
  };
  const send = (question: Question): void => {
    bucket.take();
    count += 1;
    const patienceMs = PATIENCE_INTERVALS * session.config.pingInterval;
    const current: Asked = {
      ...question,
      before: `parley-ask-${count}`,
      behind: `parley-asked-${count}`,
      lines: [],
      answering: false,
      written: false,
      giveUp: session.after(patienceMs, () => settle(current, 'the server does not answer')),
    };
    asked = current;
    session.send(`PING :${current.before}`);
    session.send(current.line, () => {
      current.written = true;
    });
    session.send(`PING :${current.behind}`);
  };
  const settle = (current: Asked, failure: string | null): void => {
    if (asked !== current) return;
    asked = null;
    current.giveUp();
    if (failure === null) current.answer.resolve(current.lines);
    else current.answer.reject(new DeliveryError(current.written ? 'unknown' : 'unavailable', failure));
    next();
  };

  session.on('PONG', ({ params }) => {
    if (asked === null) return;
    if (params.includes(asked.before)) asked.answering = true;
    else if (params.includes(asked.behind)) settle(asked, null);
  });
  session.on(ANSWERS, (line) => {
    if (asked?.answering === true && asked.lines.length < MOST_LINES) asked.lines.push(line);
  });

  return {
    get answering() {
      return asked?.answering === true;
    },
    ask(line) {
      const question = { line, answer: deferred<readonly Line[]>() };
      if (ended !== null) return Promise.reject(new DeliveryError('unavailable', ended));
      if (waiting.length >= MOST_WAITING)
        return Promise.reject(new DeliveryError('unavailable', `${MOST_WAITING} questions wait already`));
      waiting.push(question);
      next();
      return question.answer.promise;
    },
    lost(reason) {
      ended = `connection lost: ${reason}`;
      for (const { answer } of waiting.splice(0)) answer.reject(new DeliveryError('unavailable', ended));
      if (asked !== null) settle(asked, ended);
    },
  };
}

/** CTCP: the three questions that are answered, seldom enough that nobody can use us to flood (ircdocs, CTCP §2). */
import { type Line, parseSource } from './line.js';
import type { Session } from './session.js';

const BURST = 3;
const PER_SECOND = 0.5;
const LONGEST_ECHO = 100;

export interface CtcpAnswers {
  /** `body` is the text between the \x01. */
  answer(line: Line, body: string): void;
}

export function createCtcp(session: Session): CtcpAnswers {
  let tokens = BURST;
  let filledMs = performance.now();
  const take = (): boolean => {
    const nowMs = performance.now();
    tokens = Math.min(BURST, tokens + ((nowMs - filledMs) / 1000) * PER_SECOND);
    filledMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  return {
    answer(line, body) {
      const { nick } = parseSource(line.source);
      const text = answerTo(body);
      if (text === null || nick === '' || !take()) {
        session.log.debug('CTCP request dropped', { request: body.slice(0, 20) });
        return;
      }
      session.send(`NOTICE ${nick} :\x01${text}\x01`);
    },
  };
}

function answerTo(body: string): string | null {
  const [request = '', ...rest] = body.split(' ');
  switch (request.toUpperCase()) {
    case 'VERSION':
      return 'VERSION Parley';
    case 'PING':
      return `PING ${rest.join(' ').slice(0, LONGEST_ECHO)}`;
    case 'TIME':
      return `TIME ${new Date().toUTCString()}`;
    default:
      return null;
  }
}

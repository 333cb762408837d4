/** Notices a server that has gone silent: nothing heard for one interval → asked; for two → lost. */
import { lost } from './faults.js';
import type { Session } from './session.js';

export function watchSilence(session: Session, lastHeardMs: () => number): void {
  const intervalMs = session.config.pingInterval;
  let askedMs = Number.NEGATIVE_INFINITY;
  const giveUp = (): void => {
    if (lastHeardMs() > askedMs) check();
    else
      session.fail(
        lost(`the server has been silent for ${Math.round(performance.now() - lastHeardMs())} ms`),
      );
  };
  const check = (): void => {
    const nowMs = performance.now();
    const asked = askedMs > lastHeardMs();
    if (asked && nowMs - askedMs >= intervalMs) {
      // When it was we who were held up, the answer lies unread: look at the socket once more before judging.
      setImmediate(giveUp);
      return;
    }
    if (!asked && nowMs - lastHeardMs() >= intervalMs) {
      askedMs = nowMs;
      session.send('PING :parley');
    }
    const dueMs = Math.max(askedMs, lastHeardMs()) + intervalMs - nowMs;
    session.after(Math.max(1, Math.ceil(dueMs)), check);
  };
  session.after(intervalMs, check);
}

/** Answers the server's own PING, ahead of anything that waits. */
export function answerPing(session: Session): void {
  session.on('PING', ({ params }) => session.sendUrgent(`PONG :${params[0] ?? ''}`));
}

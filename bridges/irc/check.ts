/**
 * Whether a line would get through to a channel, without a word in it: we are in it, and the server answers a PING
 * that travels behind everything written before. It cannot tell that we are muted there, nor that the server still
 * reaches the rest of its network.
 */
import { DeliveryError } from '../../src/bridge.js';
import type { Channels } from './channels.js';
import { type Deferred, deferred } from './deferred.js';
import type { Session } from './session.js';

export type Check = (channel: string) => Promise<void>;

export function createCheck(session: Session, channels: Channels): Check {
  let count = 0;
  let asked: { readonly token: string; readonly answer: Deferred<void>; readonly giveUp: () => void } | null =
    null;
  session.on('PONG', ({ params }) => {
    if (asked === null || !params.includes(asked.token)) return;
    const { answer, giveUp } = asked;
    asked = null;
    giveUp();
    answer.resolve();
  });
  /** One PING for all channels that are asked about meanwhile. */
  const ping = (): Promise<void> => {
    if (asked !== null) return asked.answer.promise;
    count += 1;
    const token = `parley-check-${count}`;
    const answer = deferred<void>();
    const giveUp = session.after(session.config.pingInterval, () => {
      asked = null;
      answer.reject(new DeliveryError('unavailable', 'the server does not answer PING'));
    });
    asked = { token, answer, giveUp };
    session.send(`PING :${token}`);
    return answer.promise;
  };
  return async (channel) => {
    const state = channels.find(channel);
    if (state?.standing !== 'in')
      throw new DeliveryError('unavailable', `not in ${channel}: ${state?.reason ?? 'it is not attached'}`);
    await ping();
  };
}

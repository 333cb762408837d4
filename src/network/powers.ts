import type { Connection } from '../bridge.js';
import { DeliveryError } from '../errors.js';

/** What a network can be asked about people, and to do about them. */
export type Powers = Required<Pick<Connection, 'identify' | 'ban' | 'unban' | 'kick'>>;

/**
 * The powers of whatever connection there is. Without one each throws DeliveryError `unavailable`; what the bridge cannot
 * do is `rejected`, and where it cannot identify it vouches for nobody.
 */
export function powersOf(network: string, connection: () => Connection | null): Powers {
  const connected = (): Connection => {
    const now = connection();
    if (now === null) throw new DeliveryError('unavailable', `${network}: not connected`);
    return now;
  };
  const cannot = (what: string): DeliveryError =>
    new DeliveryError('rejected', `${network}: nobody can be ${what} there`);

  return {
    async identify(person, mask) {
      return (await connected().identify?.(person, mask)) ?? null;
    },
    async ban(channel, mask, untilMs) {
      const now = connected();
      if (now.ban === undefined) throw cannot('banned');
      await now.ban(channel, mask, untilMs);
    },
    async unban(channel, mask) {
      const now = connected();
      if (now.unban === undefined) throw cannot('unbanned');
      await now.unban(channel, mask);
    },
    async kick(channel, person, reason) {
      const now = connected();
      if (now.kick === undefined) throw cannot('kicked');
      await now.kick(channel, person, reason);
    },
  };
}

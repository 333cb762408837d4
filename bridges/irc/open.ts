/** Opens a connection and hands it over once it is usable. */
import { type Connection, DeliveryError, type Network } from '../../src/bridge.js';
import type { IrcConfig } from './config.js';
import { lost } from './faults.js';
import { startLife } from './life.js';
import { readTlsFiles } from './wire.js';

export async function open(config: IrcConfig, network: Network, signal: AbortSignal): Promise<Connection> {
  refuseAborted(signal);
  const files = await readTlsFiles(config);
  refuseAborted(signal);
  const life = startLife(config, network, files);
  const stop = (): void => life.stop();
  const forget = (): void => signal.removeEventListener('abort', stop);
  signal.addEventListener('abort', stop, { once: true });
  life.closed.then(forget, forget);
  // `closed` rejects with what went wrong; it resolves when the signal stopped it.
  await Promise.race([life.ready, life.closed]);
  refuseAborted(signal);
  /** Nothing that others can see is done once another gateway may own the network. */
  const usable = <Result>(act: () => Promise<Result>): Promise<Result> =>
    life.alive() && network.owned?.() !== false
      ? act()
      : Promise.reject(new DeliveryError('unavailable', 'the connection is gone'));
  return {
    closed: life.closed,
    roomFor: life.outbound.roomFor,
    check: (channel) => life.check(channel),
    get self() {
      return life.self.nick;
    },
    get abilities() {
      return life.outbound.abilities();
    },
    deliver: (message) => usable(() => life.outbound.deliver(message)),
    attach: (channel) => life.joiner.join([channel]),
    detach: async (channel) => life.joiner.leave(channel),
    members: (channel) => life.members(channel),
    identify: (person, mask) => usable(() => life.identify(person, mask)),
    ban: (channel, mask) => usable(() => life.powers.ban(channel, mask)),
    unban: (channel, mask) => usable(() => life.powers.unban(channel, mask)),
    kick: (channel, person, reason) => usable(() => life.powers.kick(channel, person, reason)),
  };
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw lost('opening was aborted', signal.reason);
}

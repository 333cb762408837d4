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
    deliver: (message) =>
      life.alive() && network.owned?.() !== false
        ? life.outbound.deliver(message)
        : Promise.reject(new DeliveryError('unavailable', 'the connection is gone')),
    attach: (channel) => life.joiner.join([channel]),
    detach: async (channel) => life.joiner.leave(channel),
  };
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw lost('opening was aborted', signal.reason);
}

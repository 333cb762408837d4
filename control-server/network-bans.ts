import type { NetworkBans } from './bans/index.js';
import type { GatewayPorts } from './ports.js';

/** Where this gateway can put people out: the channels of networks that it owns now. */
export function bansOnNetworks({ rooms, people }: GatewayPorts): NetworkBans {
  return {
    channels: ({ network, room }) => {
      const places = rooms()
        .filter(({ name }) => room === null || name === room)
        .flatMap(({ channels }) => channels)
        .filter((place) => (network === null || place.network === network) && people.owns(place.network));
      const once = new Map(places.map((place) => [`${place.network} ${place.channel}`, place]));
      return [...once.values()];
    },
    ban: people.ban,
    unban: people.unban,
    kick: people.kick,
  };
}

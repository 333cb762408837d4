import type { NetworkMarkup } from '../../src/bridge.js';
import type { FilterConfig, NetworkConfig, RoomChannel, RoomConfig } from '../../src/config/index.js';
import type { RenderTarget } from '../../src/routing/index.js';

export const NO_FILTER: FilterConfig = { ignoreNicks: [], ignoreText: [], replace: [] };

/** A channel written as `network#channel`. */
export function channelOf(address: string, options: Partial<RoomChannel> = {}): RoomChannel {
  const [network = '', channel = ''] = address.split(/(?=#)/);
  return { network, channel, options: {}, direction: 'both', filter: NO_FILTER, show: null, ...options };
}

export function roomsOf(
  rooms: Readonly<Record<string, readonly (string | RoomChannel)[]>>,
  show: RoomConfig['show'] = [],
): ReadonlyMap<string, RoomConfig> {
  return new Map(
    Object.entries(rooms).map(([name, channels]) => [
      name,
      {
        name,
        show,
        channels: channels.map((entry) => (typeof entry === 'string' ? channelOf(entry) : entry)),
      },
    ]),
  );
}

export function networkOf(options: Partial<NetworkConfig> = {}): NetworkConfig {
  return {
    name: 'undernet',
    bridge: 'irc',
    settings: {},
    flood: null,
    maxAgeMs: 900_000,
    maxLines: 5,
    nickFormat: '<{nick}> ',
    colorNicks: false,
    breakPings: false,
    prefer: [],
    ...options,
  };
}

export interface TargetOptions extends Partial<NetworkConfig> {
  readonly markup?: NetworkMarkup;
  readonly multiline?: boolean;
  readonly maxBytes?: number;
}

export function targetOf({
  markup = 'irc',
  multiline = false,
  maxBytes = 400,
  ...network
}: TargetOptions = {}): RenderTarget {
  return {
    network: networkOf(network),
    capabilities: {
      maxBytes,
      markup,
      multiline,
      edits: false,
      replies: false,
      echoes: false,
      inFlight: 1,
      flood: { burst: 5, perSecond: 2 },
    },
    target: { network: 'undernet', channel: '#qw', room: 'quakeworld' },
    maxBytes,
  };
}

/** The config, with the channels that were joined by command. */
import type { ParleyConfig, RoomChannel, RoomConfig } from '../config/index.js';
import type { JoinOrder } from './order.js';

const NO_FILTER = { ignoreNicks: [], ignoreText: [], replace: [] } as const;

/**
 * The file wins: a channel that it names is its own in every way, and what was ordered for it waits until the file does not.
 * So does an order for a room or a network that the file does not have (any more).
 */
export function withJoins(config: ParleyConfig, joins: readonly JoinOrder[]): ParleyConfig {
  if (joins.length === 0) return config;
  const rooms = new Map(config.rooms);
  for (const join of joins) {
    const room = rooms.get(join.room);
    if (room === undefined || !config.networks.has(join.network)) continue;
    if (roomsWith(config, join.network, join.channel).length > 0) continue;
    rooms.set(room.name, withChannel(room, join));
  }
  return { ...config, rooms };
}

/** Names of the rooms in which the config has the channel. */
export function roomsWith(
  { rooms }: Pick<ParleyConfig, 'rooms'>,
  network: string,
  channel: string,
): readonly string[] {
  const isIt = (each: RoomChannel) => each.network === network && each.channel === channel;
  return [...rooms.values()].filter(({ channels }) => channels.some(isIt)).map(({ name }) => name);
}

function withChannel(room: RoomConfig, { network, channel }: JoinOrder): RoomConfig {
  const joined: RoomChannel = {
    network,
    channel,
    options: {},
    direction: 'both',
    filter: NO_FILTER,
    show: null,
    byCommand: true,
  };
  return { ...room, channels: [...room.channels, joined] };
}

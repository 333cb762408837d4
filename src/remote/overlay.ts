/** The config, with the channels of documents. */
import type { ParleyConfig, RoomChannel, RoomConfig } from '../config/index.js';
import type { Document, DocumentChannel } from './document.js';

const NO_FILTER = { ignoreNicks: [], ignoreText: [], replace: [] } as const;

export interface Overlaid {
  readonly config: ParleyConfig;
  /** What of the documents was passed over, and why: one sentence each. */
  readonly passedOver: readonly string[];
}

/** Why a channel cannot be one of that network, or null. */
export type ChannelFault = (network: string, channel: string) => string | null;

/** The file wins over documents, and one document over those behind it. A room that the file does not have is made. */
export function withDocuments(
  config: ParleyConfig,
  documents: readonly (readonly [source: string, document: Document])[],
  faultOf: ChannelFault,
): Overlaid {
  if (documents.every(([, { channels }]) => channels.length === 0)) return { config, passedOver: [] };
  const rooms = new Map(config.rooms);
  const passedOver: string[] = [];
  for (const [source, { channels }] of documents) {
    for (const channel of channels) {
      const where = `${source}: ${channel.network} ${channel.channel}`;
      const has = roomOf(rooms, channel);
      const isKnown = config.networks.has(channel.network);
      const fault = isKnown ? faultOf(channel.network, channel.channel) : 'this gateway has no such network';
      if (fault !== null) passedOver.push(`${where}: ${fault}`);
      else if (has === channel.room) passedOver.push(`${where}: the config has it in ${has} already`);
      else if (has !== null) passedOver.push(`${where}: the config has it in ${has}, not in ${channel.room}`);
      else rooms.set(channel.room, withChannel(rooms.get(channel.room) ?? emptyRoom(channel.room), channel));
    }
  }
  return { config: { ...config, rooms }, passedOver };
}

function roomOf(
  rooms: ReadonlyMap<string, RoomConfig>,
  { network, channel }: Pick<DocumentChannel, 'network' | 'channel'>,
): string | null {
  const isIt = (each: RoomChannel) => each.network === network && each.channel === channel;
  return [...rooms.values()].find(({ channels }) => channels.some(isIt))?.name ?? null;
}

function emptyRoom(name: string): RoomConfig {
  return { name, channels: [], show: [] };
}

function withChannel(room: RoomConfig, { network, channel, direction }: DocumentChannel): RoomConfig {
  const added: RoomChannel = { network, channel, options: {}, direction, filter: NO_FILTER, show: null };
  return { ...room, channels: [...room.channels, added] };
}

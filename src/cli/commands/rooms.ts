import type { RoomChannel } from '../../config/index.js';
import type { CommandSpec } from '../command.js';
import { readConfig } from '../session.js';

const ARROWS = { in: '→', out: '←', both: '↔' } as const;

export const roomsCommand: CommandSpec = {
  name: 'rooms',
  summary: 'list the rooms of the config and their channels',
  details: '→ heard only, ← spoken to only, ↔ both. Needs no running gateway.',
  examples: [
    ['rooms', 'every room'],
    ['rooms | cut -f1', 'only the names'],
    ['rooms --json', 'with directions and filters'],
  ],
  async run(io, _args, options) {
    const { rooms } = await readConfig(io, options);
    const all = [...rooms.values()];
    if (io.out.json) {
      io.out.document({
        rooms: all.map(({ name, channels, show }) => ({ name, show, channels: channels.map(shown) })),
      });
      return 0;
    }
    io.out.table(
      ['ROOM', 'CHANNELS'],
      all.map(({ name, channels }) => [name, channels.map(describe).join(', ')]),
    );
    return 0;
  },
};

function describe({ network, channel, direction }: RoomChannel): string {
  return `${ARROWS[direction]} ${network} ${channel}`;
}

/** Without `options`: a channel's key is a secret. */
function shown({ network, channel, direction, filter, show }: RoomChannel): object {
  return { network, channel, direction, filter, show };
}

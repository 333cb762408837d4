import type { ParleyConfig, RoomConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';

/** Throws NOT_FOUND, naming the rooms that there are. */
export function roomOf(config: ParleyConfig, name: string): RoomConfig {
  const room = config.rooms.get(name);
  if (room !== undefined) return room;
  const names = [...config.rooms.keys()];
  throw new ParleyError('NOT_FOUND', `There is no room "${name}".`, {
    fix: names.length === 0 ? 'Add a room to the config.' : `Take one of ${names.slice(0, 10).join(', ')}.`,
  });
}

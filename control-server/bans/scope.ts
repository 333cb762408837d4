/** Where a ban is to hold, from the flags of its command. */
import type { Call } from '../call.js';
import { CommandError, type Scope } from '../command.js';
import { quoted } from './describe.js';

/** The names that there are. */
export interface Places {
  networks(): readonly string[];
  rooms(): readonly string[];
}

/** Without flags the room where it was said. Throws CommandError. */
export function scopeOf({ flags, caller }: Call, places: Places): Scope {
  const { room, network, everywhere } = flags;
  if (everywhere !== undefined) {
    if (room ?? network)
      throw new CommandError('--everywhere leaves no room for --room and --network. Leave one out.');
    return { network: null, room: null };
  }
  if (room !== undefined || network !== undefined) {
    return {
      network: known(network, '--network', places.networks()),
      room: known(room, '--room', places.rooms()),
    };
  }
  const [first, ...others] = caller.rooms;
  if (first === undefined)
    throw new CommandError('Say where: --room <room>, --network <network> or --everywhere.');
  if (others.length > 0) {
    throw new CommandError(
      `Several rooms hear this channel. Say which: --room ${caller.rooms.join(' or --room ')}.`,
    );
  }
  return { network: null, room: first };
}

function known(name: string | true | undefined, flag: string, names: readonly string[]): string | null {
  if (name === undefined) return null;
  if (name === true) throw new CommandError(`${flag} needs a name behind it: ${names.join(', ')}.`);
  if (names.includes(name)) return name;
  throw new CommandError(`${quoted(name)} is unknown to ${flag}. There are: ${names.join(', ')}.`);
}

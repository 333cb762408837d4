import type { Caller } from '../call.js';
import { type Access, CommandError } from '../command.js';
import type { GatewayPorts } from '../ports.js';

interface Parts {
  readonly access: Access;
  readonly gateway: Pick<GatewayPorts, 'rooms'>;
}

/** Rooms of the caller's channel; others only with the permission `read`. */
export function roomsFor(
  { access, gateway }: Parts,
  caller: Caller,
  named: string | true | undefined,
): readonly string[] {
  if (typeof named !== 'string') {
    if (caller.rooms.length > 0) return caller.rooms;
    throw new CommandError('Which room? Write --room <room>, or ask in the room.');
  }
  const room = gateway.rooms().find(({ name }) => name.toLowerCase() === named.toLowerCase())?.name;
  if (room !== undefined && caller.rooms.includes(room)) return [room];
  const refusal = access.refusal(caller, 'read', { network: caller.network, room: room ?? named });
  // Who may not read it does not learn whether it exists.
  if (refusal !== null) throw new CommandError(refusal);
  if (room === undefined) throw new CommandError(`There is no room "${named}". "rooms" lists them.`);
  return [room];
}

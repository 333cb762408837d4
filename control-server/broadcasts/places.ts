/** Who calls from where, in the words of the lists. Pure. */
import type { BroadcastListConfig, ParleyConfig } from '../../src/config/index.js';
import type { Caller } from '../call.js';
import type { Access } from '../command.js';
import type { Origin } from './format.js';

/**
 * One key for all networks that a person linked. Who is not logged in is known by where they come from, as far as the
 * network shows it: another nick is quickly taken.
 */
export function personOf({ author, identity, verified, network, mask }: Caller, access: Access): string {
  const person = access.identityOf(author) ?? identity;
  if (person !== null) return person;
  const from = verified ? undefined : mask?.split('!').at(-1);
  return from === undefined || from === '' ? author : `${network ?? ''} ${from}`;
}

/** Network and channel, which holds no space of its own in front; null: said to us alone. */
export function placeOf({ network, channel }: Caller): string | null {
  return channel === null ? null : `${network ?? ''} ${channel}`;
}

/** Over HTTP there are neither networks nor channels. */
export function originOf({ name, network, channel, rooms }: Caller): Origin {
  const room = rooms[0] ?? '';
  return { nick: name, network: network ?? 'http', channel: channel || room, room };
}

export function callRoomsOf({ call, hear }: BroadcastListConfig, { rooms }: ParleyConfig): readonly string[] {
  return call ?? hear ?? [...rooms.keys()];
}

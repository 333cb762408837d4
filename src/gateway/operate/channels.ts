/** Channels that are joined and left by command. */
import { ParleyError } from '../../errors.js';
import { faultIn } from '../../network/index.js';
import { roomsWith, type VerbBody } from '../../orders/index.js';
import type { Parts } from '../parts.js';

/** `state`: whether the bot is there already. `waiting`: it is joined when `reason` is over. */
interface Joined {
  readonly channel: string;
  readonly room: string;
  readonly state: 'joined' | 'waiting';
  readonly reason: string | null;
}

/** Throws USAGE, NOT_FOUND, CHANNEL_CONFIGURED. */
export async function join(
  parts: Parts,
  network: string,
  { channel, room }: VerbBody<'join'>,
  by: string,
): Promise<Joined> {
  const { orders, config, networks } = parts;
  if (!config().rooms.has(room)) throw noRoom(room);
  refuseConfigured(parts, network, channel);
  await refuseMalformed(parts, network, channel);
  refuseOtherRoom(parts, network, channel, room);
  await orders.put({ kind: 'join', network, channel, room, by, at: new Date().toISOString() });
  await parts.ordersApplied();
  const reason = faultIn(channel, networks.get(network).status());
  return { channel, room, state: reason === null ? 'joined' : 'waiting', reason };
}

/** Throws NOT_FOUND, CHANNEL_CONFIGURED. */
export async function leave(
  parts: Parts,
  network: string,
  { channel }: VerbBody<'leave'>,
): Promise<{ readonly channel: string; readonly room: string }> {
  const { orders } = parts;
  const order = orders.joins().find((each) => each.network === network && sameChannel(each.channel, channel));
  if (order === undefined) {
    refuseConfigured(parts, network, channel);
    throw new ParleyError('NOT_FOUND', `${network} is not in ${channel} by command`, {
      fix: 'Ask for the status of the network: `byCommand` names the channels.',
    });
  }
  await orders.take(order);
  await parts.ordersApplied();
  return { channel: order.channel, room: order.room };
}

function refuseConfigured({ fileConfig }: Parts, network: string, channel: string): void {
  const spelled = channelsOf(fileConfig(), network).find((each) => sameChannel(each, channel));
  if (spelled === undefined) return;
  const rooms = roomsWith(fileConfig(), network, spelled);
  throw new ParleyError(
    'CHANNEL_CONFIGURED',
    `${spelled} on ${network} is in the config, in ${rooms.join(' and ')}`,
    { fix: `Change rooms.${rooms[0]}.channels in the config file, then "parley reload".` },
  );
}

function refuseOtherRoom({ orders }: Parts, network: string, channel: string, room: string): void {
  const before = orders
    .joins()
    .find((each) => each.network === network && sameChannel(each.channel, channel));
  if (before === undefined || (before.channel === channel && before.room === room)) return;
  throw new ParleyError(
    'CHANNEL_CONFIGURED',
    `${before.channel} on ${network} was joined by ${before.by} and is in ${before.room}`,
    { fix: 'Leave it first.' },
  );
}

async function refuseMalformed(
  { bridgeOf, networks }: Parts,
  network: string,
  channel: string,
): Promise<void> {
  const fault = (await bridgeOf(networks.get(network).kind)).checkChannel(channel);
  if (fault !== null) throw new ParleyError('USAGE', `${channel} is no channel of ${network}: ${fault}`);
}

function channelsOf({ rooms }: ReturnType<Parts['config']>, network: string): readonly string[] {
  const all = [...rooms.values()].flatMap(({ channels }) => channels);
  return all.filter((each) => each.network === network).map(({ channel }) => channel);
}

/** Most networks think little of case, and no two channels that differ in it alone are ever meant. */
function sameChannel(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function noRoom(room: string): ParleyError {
  return new ParleyError('NOT_FOUND', `there is no room "${room}"`, {
    fix: 'A room is made in the config file: see `parley rooms`.',
  });
}

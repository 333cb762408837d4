/** What operators ordered at run time, beside the config: channels to be in, and places of which nothing is relayed. */
import { z } from 'zod';

/** A channel that was joined by command: part of one room. */
export interface JoinOrder {
  readonly kind: 'join';
  readonly network: string;
  readonly channel: string;
  readonly room: string;
  /** Who ordered it, for people. */
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** Nothing that is heard there is relayed. */
export interface MuteOrder {
  readonly kind: 'mute';
  readonly network: string;
  /** Null: the whole network. */
  readonly channel: string | null;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC; null: until it is lifted. */
  readonly until: string | null;
}

export type Order = JoinOrder | MuteOrder;

const word = z.string().min(1).max(500);
const time = z.iso.datetime();
const orderSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('join'), network: word, channel: word, room: word, by: word, at: time }),
  z.object({
    kind: z.literal('mute'),
    network: word,
    channel: word.nullable(),
    reason: z.string().max(500),
    by: word,
    at: time,
    until: time.nullable(),
  }),
]);

/** One order for each place and kind, so that nobody writes over what another one said of another place. */
export function keyOf({ kind, network, channel }: Pick<Order, 'kind' | 'network' | 'channel'>): string {
  // A name of a network holds no space; a channel may.
  return channel === null ? `${kind} ${network}` : `${kind} ${network} ${channel}`;
}

/** Null: nothing, or something that this version does not understand. */
export function readOrder(key: string, value: unknown): Order | null {
  const { data } = orderSpec.safeParse(value);
  return data !== undefined && keyOf(data) === key ? data : null;
}

import type { Member, Rank } from '../bridge.js';

/** Who is in one channel, as its network's owner told last: a value of the ROSTER bucket, by `keyOf`. */
export interface RosterEntry {
  readonly network: string;
  readonly channel: string;
  /** The gateway that told. */
  readonly owner: string;
  /** RFC 3339, UTC. An entry that is older than `STALE_MS` is not believed any more. */
  readonly at: string;
  readonly members: readonly Member[];
  /** Those that found no room in `members`. */
  readonly more: number;
}

/** Somebody in a room, with where. */
export interface RoomMember {
  readonly name: string;
  readonly network: string;
  readonly channel: string;
  readonly rank: Rank | null;
  readonly bot: boolean;
  /** When this was told: RFC 3339, UTC. */
  readonly at: string;
}

export const REFRESH_MS = 4 * 60_000;
export const STALE_MS = 10 * 60_000;
/** Half a megabyte of the longest names. */
export const MOST_MEMBERS = 5000;

export function keyOf(network: string, channel: string): string {
  return `${network} ${channel}`;
}

/** What a ban is, as every gateway keeps it. */
import type { Role, Scope } from '../command.js';

/**
 * A mute closes the way in: what the person says is not relayed, and their commands are not taken. They are seen to
 * come and go, and nothing is done on the network. A ban also hides that, and is applied on networks that allow it.
 */
export type Kind = 'ban' | 'mute';

export type Match =
  /** One author id. */
  | { readonly by: 'author'; readonly author: string }
  /** All linked authors of one person; `author` is the one by whom they were named. */
  | { readonly by: 'identity'; readonly identity: string; readonly author: string }
  /** `nick!user@host` with `*` and `?`. */
  | { readonly by: 'mask'; readonly mask: string }
  /** An address, or addresses: `192.0.2.7`, `2001:db8::/32`. */
  | { readonly by: 'ip'; readonly range: string }
  /** A name with `*` and `?`. */
  | { readonly by: 'nick'; readonly glob: string }
  /** RE2, found anywhere in the text, in any case. */
  | { readonly by: 'text'; readonly pattern: string };

export interface Ban {
  /** `b` (`m` for a mute) and five of `[0-9a-hjkmnp-tv-z]`. */
  readonly id: string;
  readonly kind: Kind;
  readonly match: Match;
  readonly scope: Scope;
  readonly reason: string;
  readonly by: Moderator;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC; null: until it is lifted. */
  readonly until: string | null;
  /** It refuses nothing, and counts what it would have. */
  readonly dryRun: boolean;
  /** How the person was last seen, for networks that ban by mask and kick by nick. */
  readonly seen: Seen | null;
  readonly lifted: Lifted | null;
}

export interface Moderator {
  /** Author id. */
  readonly author: string;
  readonly name: string;
  /** Theirs at that time: the ban never hits somebody of a higher one. */
  readonly role: Role;
}

export interface Seen {
  readonly network: string;
  readonly nick: string;
  /** `nick!user@host`. */
  readonly mask: string | null;
}

export interface Lifted {
  readonly by: Pick<Moderator, 'author' | 'name'>;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: string;
}

/** What became of a ban in one channel of a network. */
export interface Effect {
  /** Id of the ban. */
  readonly ban: string;
  readonly network: string;
  readonly channel: string;
  readonly mask: string;
  readonly state: 'applied' | 'failed' | 'lifted';
  /** Why it failed; empty otherwise. */
  readonly why: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** Somebody who says something, or tries to. */
export interface Speaker {
  readonly author: string;
  readonly name: string;
  readonly verified: boolean;
  /** Null: over HTTP or the CLI. */
  readonly network: string | null;
  /** Null: said to us alone. */
  readonly room: string | null;
  /** `nick!user@host`, where the network has such. */
  readonly mask: string | null;
  /** IP address, where it is known. */
  readonly address: string | null;
  /** What the network lets them do there. */
  readonly rank: 'operator' | 'voice' | null;
}

/** The end of a ban, ms since 1970; null: it has none yet. */
export function endOf({ lifted, until }: Ban): number | null {
  const ends = [lifted?.at, until].filter((time) => typeof time === 'string').map(Date.parse);
  return ends.length === 0 ? null : Math.min(...ends);
}

export function isInForce(ban: Ban, now: number): boolean {
  return (endOf(ban) ?? Number.POSITIVE_INFINITY) > now;
}

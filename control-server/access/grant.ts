/** One grant: who has been given what, where, until when. Kept in the bucket GRANTS under its id, written once. */
import { z } from 'zod';
import { WORD } from './roles.js';

export interface Grant {
  /** 26 characters; `config` for an owner of the config file. */
  readonly id: string;
  /** An author id, `identity:{id}` or `hostmask:{network}:{nick}!{user}@{host}`. */
  readonly subject: string;
  /** A role or a permission. */
  readonly gives: string;
  readonly scope: GrantScope;
  /** Author id of who gave it; `config`; `claim`: by the first owner's code. */
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC. Absent: until it is revoked. */
  readonly until?: string | undefined;
  readonly reason: string;
}

/** Absent: all of them. */
export interface GrantScope {
  readonly networks?: readonly string[] | undefined;
  readonly rooms?: readonly string[] | undefined;
  readonly commands?: readonly string[] | undefined;
}

const name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const time = z.string().refine((text) => Number.isFinite(Date.parse(text)));

const grantSpec = z.strictObject({
  id: z.string().regex(/^[0-9A-Z]{26}$/),
  subject: z.string().min(1),
  gives: z.string().regex(WORD),
  // An empty list must not come to mean "all".
  scope: z.strictObject({
    networks: z.array(name).min(1).optional(),
    rooms: z.array(name).min(1).optional(),
    commands: z.array(z.string().regex(WORD)).min(1).optional(),
  }),
  by: z.string().min(1),
  at: time,
  until: time.optional(),
  reason: z.string(),
});

/** Null: whatever else may lie in the bucket gives nothing. */
export function readGrant(key: string, value: unknown): Grant | null {
  const { success, data } = grantSpec.safeParse(value);
  return success && data.id === key ? data : null;
}

/** ms since 1970; without an end: Infinity. */
export function endOf({ until }: Pick<Grant, 'until'>): number {
  return until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
}

export function isEverywhere({ networks, rooms, commands }: GrantScope): boolean {
  return networks === undefined && rooms === undefined && commands === undefined;
}

/** Where one thing is done; null: on all of them at once. */
export interface Point {
  readonly network: string | null;
  readonly room: string | null;
  readonly command: string | null;
}

/** Every combination that the scope names: who holds something at each of them holds it in the scope. */
export function pointsOf({ networks, rooms, commands }: GrantScope): readonly Point[] {
  const all = [null];
  return (networks ?? all).flatMap((network) =>
    (rooms ?? all).flatMap((room) => (commands ?? all).map((command) => ({ network, room, command }))),
  );
}

/** The roles and what each may. Permissions are words; a service in another language may bring more of them. */

import { ROLES, type Role } from '../command.js';

export { ROLES, type Role };

/** What a role may beside what the roles below it may. An owner may everything, also what is not listed anywhere. */
const OWN: Readonly<Record<Role, readonly string[]>> = {
  owner: ['reload'],
  operator: [
    'announce',
    'audit',
    'drain',
    'grant',
    'join',
    'leave',
    'mute-network',
    'names',
    'reconnect',
    'revoke',
  ],
  moderator: ['ban', 'mute', 'say'],
  // `use`: the commands that name no permission.
  user: ['broadcast', 'use'],
  muted: [],
};

/** A role or a permission: what a grant gives. */
export const WORD = /^[a-z0-9-]{1,32}$/;

export function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

/** The permissions of a role, those of the roles below it too. */
export function permissionsOf(role: Role): readonly string[] {
  return role === 'muted'
    ? []
    : ROLES.slice(ROLES.indexOf(role))
        .flatMap((each) => OWN[each])
        .sort();
}

/** All that Parley itself asks for. */
export const PERMISSIONS: readonly string[] = permissionsOf('owner');

/** Everybody may, logged in or not, unless muted. */
export function isForAll(permission: string): boolean {
  return OWN.user.includes(permission);
}

/** The lowest role that has the permission. */
export function roleFor(permission: string): Role {
  return ROLES.findLast((role) => OWN[role].includes(permission)) ?? 'owner';
}

const ABOVE: ReadonlyMap<string, readonly string[]> = new Map(
  ROLES.map((role, index) => [role, role === 'muted' ? [role] : ROLES.slice(0, index + 1)] as const),
);
const GIVING: ReadonlyMap<string, readonly string[]> = new Map(
  PERMISSIONS.map((permission) => [
    permission,
    [permission, ...ROLES.slice(0, ROLES.indexOf(roleFor(permission)) + 1)],
  ]),
);

/** The words of which each includes `word`: for a role itself and those above, for a permission the roles that have it. */
export function wordsGiving(word: string): readonly string[] {
  return ABOVE.get(word) ?? GIVING.get(word) ?? [word, 'owner'];
}

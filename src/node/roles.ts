/** Who may use the backbone of a managed node, each with its own user, random password and least permissions. */

/** Users of the main account; `sys` is the one user of the system account. */
export const ROLES = ['gateway', 'cli', 'plugin', 'reader', 'join', 'sys'] as const;
export type Role = (typeof ROLES)[number];

/** Not clients: what nodes say to each other's servers to be let in. */
export const LINKS = ['route', 'leaf'] as const;
export type Link = (typeof LINKS)[number];

export interface UserCredentials {
  readonly user: string;
  readonly password: string;
}

/**
 * `<store>/credentials.json`. The same on every node of a cluster: a join hands it over whole (a leaf gets it too: its
 * own server checks its own clients).
 */
export interface Credentials {
  readonly version: 2;
  readonly users: Readonly<Record<Role | Link, UserCredentials>>;
}

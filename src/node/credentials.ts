/**
 * `<store>/credentials.json`: the users of this node's server and their passwords, made up once. The same on every node
 * of a cluster, handed over whole by a join: a client that loses its node goes on at another one.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ParleyError, reasonOf } from '../errors.js';
import { encodeToken } from '../message/index.js';
import { writePrivately } from './private-file.js';
import { LINKS, type Link, ROLES, type Role } from './roles.js';

export interface UserCredentials {
  readonly user: string;
  readonly password: string;
}

export interface Credentials {
  readonly version: 2;
  readonly users: Readonly<Record<Role | Link, UserCredentials>>;
  /** One user for each network that plugins may hand events to, by its name. */
  readonly plugins: Readonly<Record<string, UserCredentials>>;
}

const userSpec = z.strictObject({ user: z.string().min(1), password: z.string().min(16) });
const credentialsSpec = z.strictObject({
  version: z.literal(2),
  users: z.record(z.enum([...ROLES, ...LINKS]), userSpec),
  plugins: z.record(z.string().min(1), userSpec).default({}),
});
/** Of the time when a node had one user for everything. */
const firstSpec = z.strictObject({ user: z.string(), password: z.string() });

/** Reads them, or makes them when there are none. Throws STORE_UNWRITABLE for a file that is damaged. */
export async function ensureCredentials(file: string): Promise<Credentials> {
  const found = await readCredentials(file);
  if (found !== null) return found;
  const made = newCredentials();
  await writeCredentials(file, made);
  return made;
}

/** Null: there are none, or only those of the first kind, which everybody who needs them reads anew. */
export async function readCredentials(file: string): Promise<Credentials | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unreadable(file, reasonOf(error));
  }
  try {
    const value: unknown = JSON.parse(text);
    return firstSpec.safeParse(value).success ? null : checkCredentials(value, file);
  } catch (error) {
    // The parser's own words would show what it stumbled over: a password.
    throw error instanceof ParleyError ? error : unreadable(file, 'it is not JSON');
  }
}

/** For those that came from elsewhere; `where` begins the message, which never holds a password. */
export function checkCredentials(value: unknown, where: string): Credentials {
  const result = credentialsSpec.safeParse(value);
  if (result.success) return result.data;
  throw unreadable(
    where,
    `wrong at ${result.error.issues.map(({ path }) => path.join('.') || 'all').join(', ')}`,
  );
}

export async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  await writePrivately(file, `${JSON.stringify(credentials, null, 2)}\n`);
}

export function newCredentials(): Credentials {
  const users = Object.fromEntries([...ROLES, ...LINKS].map((role) => [role, newUser(role)]));
  return { version: 2, users: users as Record<Role | Link, UserCredentials>, plugins: {} };
}

/** The same with a user for plugins of `network`; unchanged when it has one. */
export function withPlugin(credentials: Credentials, network: string): Credentials {
  if (Object.hasOwn(credentials.plugins, network)) return credentials;
  const user = newUser(`plugin-${encodeToken(network)}`);
  return { ...credentials, plugins: { ...credentials.plugins, [network]: user } };
}

/** The passwords of 24 random bytes are checked by the server at every connect: no need of a slow hash. */
function newUser(user: string): UserCredentials {
  return { user, password: randomBytes(24).toString('base64url') };
}

function unreadable(where: string, reason: string): ParleyError {
  return new ParleyError('STORE_UNWRITABLE', `${where}: ${reason}`, {
    fix: 'Take the file from a backup or from another node of the cluster; alone, remove it and start again.',
  });
}

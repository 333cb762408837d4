/**
 * Users for command services: programs in any language that answer `{prefix}.command.{name}` and nothing else.
 *
 * They are made at the start, from the config: a reload of users makes clients of nats-server 2.9.10 deaf. Their passwords are
 * not kept but worked out from one that all nodes of a cluster have and no client ever learns, so a service goes on at
 * another node that has the same config.
 */
import { createHmac } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BusAddress } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import type { Credentials, UserCredentials } from './credentials.js';
import { writePrivately } from './private-file.js';
import { type Naming, type Permissions, servicePermissions } from './roles.js';

export interface ServiceUser extends UserCredentials {
  readonly name: string;
  readonly permissions: Permissions;
}

/** What `<store>/services/<name>.json` holds: JSON. */
interface ServiceFile {
  /** `nats://127.0.0.1:4222`, `tls://…`: this node first, then the others. */
  readonly servers: readonly string[];
  readonly user: string;
  readonly password: string;
  /** Path of the CA's certificate, where TLS is asked for. */
  readonly ca?: string;
  /** Its commands are `{prefix}.command.{name}`. */
  readonly prefix: string;
}

export function serviceUsers(
  { services = {} }: Pick<NodeConfig, 'services'>,
  { users }: Pick<Credentials, 'users'>,
  naming: Naming,
): readonly ServiceUser[] {
  return Object.entries(services).map(([name, commands]) => ({
    name,
    user: `service-${name}`,
    password: createHmac('sha256', users.route.password).update(`service ${name}`).digest('base64url'),
    permissions: servicePermissions(name, commands, naming),
  }));
}

/** Tells each service how to connect, and forgets those that are no more. */
export async function writeServiceFiles(
  directory: string,
  services: readonly ServiceUser[],
  addressFor: (user: UserCredentials) => BusAddress,
  prefix: string,
): Promise<void> {
  const names = new Set(services.map(({ name }) => `${name}.json`));
  const found = await readdir(directory).catch(() => []);
  for (const file of found.filter((each) => !names.has(each)))
    await rm(join(directory, file), { force: true });
  if (services.length > 0) await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const { name, user, password } of services) {
    const { servers, tls } = addressFor({ user, password });
    const file: ServiceFile = {
      servers,
      user,
      password,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      prefix,
    };
    await writePrivately(join(directory, `${name}.json`), `${JSON.stringify(file, null, 2)}\n`);
  }
}

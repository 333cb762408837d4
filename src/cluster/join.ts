/** The joining machine's side: checks, asks, and fills its store. Its server starts with `parley start`. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join as pathOf } from 'node:path';
import { z } from 'zod';
import { type BusAddress, type Caller, openCaller } from '../bus/index.js';
import type { NodeConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import {
  type ClusterState,
  createKey,
  filesOf,
  formatAddress,
  hostsOfNode,
  INBOXES,
  isWildcard,
  parseAddress,
  readClusterFile,
  type StoreFiles,
  writeClusterFile,
  writeCredentials,
  writePrivately,
} from '../node/index.js';
import { type Invitation, keyOf, sign, unseal } from './invitation.js';
import { type Hello, parseWelcome, type Wish } from './messages.js';
import { freePort, isReachable } from './reachable.js';

const REACH_MS = 5000;
const ASK_MS = 15_000;
const WARN_SKEW_MS = 1000;
const REFUSE_SKEW_MS = 5000;

export interface Joined {
  readonly state: ClusterState;
  /** How far this machine's clock is ahead of the inviter's, ms. */
  readonly skewMs: number;
  readonly warnings: readonly string[];
}

/**
 * Throws BACKBONE_UNAVAILABLE or BACKBONE_DENIED when no address of the invitation answers as it should,
 * INVITATION_REFUSED, and CLUSTER_INVALID for a clock that is off or a store that belongs to a cluster already.
 */
export async function joinCluster(invitation: Invitation, config: NodeConfig): Promise<Joined> {
  const files = filesOf(config.store);
  if ((await readClusterFile(files.cluster)) !== null) throw memberAlready(files);
  if (config.cluster === undefined) throw unreachable();
  await mkdir(files.tls.directory, { recursive: true, mode: 0o700 });
  const trusted = pathOf(files.tls.directory, 'inviter.pem');
  if (invitation.ca !== null) await writeFile(trusted, invitation.ca, { mode: 0o600 });
  const address = await reachedAddress(invitation, trusted);
  const caller = await openCaller({ address, prefix: invitation.prefix, inbox: INBOXES.join });
  try {
    const skewMs = await clockSkew(caller);
    const { key, request } = await createKey(config.name);
    const wish = await wishOf(config, request);
    const welcome = await ask(caller, invitation, wish);
    if (welcome.certificate !== null && welcome.ca !== null) {
      await writePrivately(files.tls.ca, welcome.ca);
      await writePrivately(files.tls.cert, welcome.certificate);
      await writePrivately(files.tls.key, key);
    }
    await writeCredentials(files.credentials, welcome.credentials);
    await writeJoining(files, invitation);
    // Last: where it is, the store is whole.
    await writeClusterFile(files.cluster, welcome.state);
    const ahead = `the clock is ${Math.abs(Math.round(skewMs))} ms off the inviter's`;
    return { state: welcome.state, skewMs, warnings: Math.abs(skewMs) > WARN_SKEW_MS ? [ahead] : [] };
  } finally {
    await caller.close();
    await rm(trusted, { force: true });
  }
}

const joiningSpec = z.strictObject({
  version: z.literal(1),
  addresses: z.array(z.string()).min(1),
  tls: z.boolean(),
  prefix: z.string(),
});
export type Joining = z.output<typeof joiningSpec>;

/** Null: this machine does not wait for its cluster. */
export async function readJoining(files: StoreFiles): Promise<Joining | null> {
  const text = await readFile(joiningFile(files), 'utf8').catch(() => null);
  return text === null ? null : joiningSpec.parse(JSON.parse(text));
}

export async function endJoining(files: StoreFiles): Promise<void> {
  await rm(joiningFile(files), { force: true });
}

function joiningFile({ directory }: StoreFiles): string {
  return pathOf(directory, 'joining.json');
}

async function writeJoining(files: StoreFiles, { addresses, tls, prefix }: Invitation): Promise<void> {
  await writePrivately(joiningFile(files), JSON.stringify({ version: 1, addresses, tls, prefix }));
}

async function reachedAddress(invitation: Invitation, ca: string): Promise<BusAddress> {
  for (const address of invitation.addresses) {
    const { host, port } = parseAddress(address);
    if (!(await isReachable(host, port, REACH_MS))) continue;
    return {
      servers: [`${invitation.tls ? 'tls' : 'nats'}://${address}`],
      user: 'join',
      password: invitation.password,
      ...(invitation.tls ? { tls: { ca } } : {}),
    };
  }
  throw new ParleyError(
    'BACKBONE_UNAVAILABLE',
    `${invitation.inviter} cannot be reached at ${invitation.addresses.join(', ')}`,
    {
      fix: 'Let this machine reach that port: on the inviter, "node.listen" must be an address of its network, and no firewall in between.',
    },
  );
}

/** Half of the round trip is on the way there. */
async function clockSkew(caller: Caller): Promise<number> {
  const before = Date.now();
  const { now } = await caller.request<Hello>(['node', 'join'], { hello: true }, ASK_MS);
  const skewMs = (before + Date.now()) / 2 - now;
  if (Math.abs(skewMs) <= REFUSE_SKEW_MS) return skewMs;
  throw new ParleyError(
    'CLUSTER_INVALID',
    `this machine's clock is ${(skewMs / 1000).toFixed(1)} s ahead of the inviter's`,
    { fix: 'Set both clocks (`timedatectl set-ntp true`), and use the same line again.' },
  );
}

async function wishOf(config: NodeConfig, request: string): Promise<Wish> {
  const hosts = hostsOfNode(config);
  const reached = (host: string): string => (isWildcard(host) ? (hosts[0] ?? '127.0.0.1') : host);
  const at = async ({ host, port }: NodeConfig['listen']): Promise<string> =>
    formatAddress({ host: reached(host), port: port ?? (await freePort(host)) });
  const route = config.cluster?.advertise ?? (await at(config.cluster?.listen ?? config.listen));
  return { name: config.name, route, client: await at(config.listen), hosts: [...hosts], request };
}

async function ask(caller: Caller, { id, secret }: Invitation, wish: Wish) {
  const key = keyOf(secret);
  const text = JSON.stringify(wish);
  const body = { id, wish: text, signature: sign(key, text) };
  const { sealed } = await caller.request<{ sealed: string }>(['node', 'join'], body, ASK_MS);
  return parseWelcome(unseal(key, sealed));
}

function memberAlready({ directory }: StoreFiles): ParleyError {
  return new ParleyError('CLUSTER_INVALID', `the store ${directory} belongs to a cluster already`, {
    fix: 'Start it with `parley start`, or name an empty directory as "node.store".',
  });
}

function unreachable(): ParleyError {
  return new ParleyError('CLUSTER_INVALID', 'nothing in the config says where other nodes reach this one', {
    fix: 'Add "node.cluster.listen", such as "0.0.0.0:6222".',
  });
}

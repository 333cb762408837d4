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
import { forgetPact } from './kept-pact.js';
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
export async function joinCluster(
  invitation: Invitation,
  config: NodeConfig,
  { leaf, version }: { readonly leaf: boolean; readonly version: string },
): Promise<Joined> {
  const files = filesOf(config.store);
  if ((await readClusterFile(files.cluster)) !== null) throw memberAlready(files);
  if (config.cluster === undefined && !leaf) throw unreachable();
  await mkdir(files.tls.directory, { recursive: true, mode: 0o700 });
  const trusted = pathOf(files.tls.directory, 'inviter.pem');
  if (invitation.ca !== null) await writeFile(trusted, invitation.ca, { mode: 0o600 });
  const address = await reachedAddress(invitation, trusted);
  const caller = await openCaller({ address, prefix: invitation.prefix, inbox: INBOXES.join });
  try {
    const { skewMs, hello } = await greet(caller);
    refuseOlder(version, hello);
    const { key, request } = await createKey(config.name);
    const wish = await wishOf(config, request, leaf);
    const welcome = await ask(caller, invitation, wish);
    if (welcome.certificate !== null && welcome.ca !== null) {
      await writePrivately(files.tls.ca, welcome.ca);
      await writePrivately(files.tls.cert, welcome.certificate);
      await writePrivately(files.tls.key, key);
    }
    await writeCredentials(files.credentials, welcome.credentials);
    // A leaf waits for nobody but its hub.
    if (!leaf) await writeJoining(files, invitation);
    await forgetPact(files);
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
async function greet(caller: Caller): Promise<{ readonly skewMs: number; readonly hello: Hello }> {
  const before = Date.now();
  const hello = await caller.request<Hello>(['node', 'join'], { hello: true }, ASK_MS);
  const skewMs = (before + Date.now()) / 2 - hello.now;
  if (Math.abs(skewMs) <= REFUSE_SKEW_MS) return { skewMs, hello };
  throw new ParleyError(
    'CLUSTER_INVALID',
    `this machine's clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the inviter's`,
    { fix: 'Set both clocks (`timedatectl set-ntp true`), and use the same line again.' },
  );
}

/** Servers of one cluster share a file format: a newer one reads what an older one wrote, not the other way. */
function refuseOlder(own: string, { inviter, version }: Hello): void {
  const [mine, theirs] = [seriesOf(own), seriesOf(version)];
  if (mine >= theirs) return;
  throw new ParleyError('NODE_TOO_OLD', `nats-server here is ${own}, at ${inviter} it is ${version}`, {
    fix: `Install ${version} or newer here, and use the same line again.`,
  });
}

/** 2.10.4 → 2010: what is newer in its last part is compatible. */
function seriesOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

async function wishOf(config: NodeConfig, request: string, leaf: boolean): Promise<Wish> {
  const hosts = hostsOfNode(config);
  const reached = (host: string): string => (isWildcard(host) ? (hosts[0] ?? '127.0.0.1') : host);
  const at = async ({ host, port }: NodeConfig['listen']): Promise<string> =>
    formatAddress({ host: reached(host), port: port ?? (await freePort(host)) });
  const client = await at(config.listen);
  const wish = { name: config.name, client, hosts: [...hosts], request };
  if (leaf) return { ...wish, route: client, as: 'leaf' };
  const route = config.cluster?.advertise ?? (await at(config.cluster?.listen ?? config.listen));
  return { ...wish, route, ...(config.leaf === undefined ? {} : { leaf: await at(config.leaf.listen) }) };
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

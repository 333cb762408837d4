/** From the config, the store and cluster.json to what the server is to do; refuses what would be unsafe. */
import { type BusAddress, Subjects } from '../bus/index.js';
import { isLoopback, type NodeConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import { type CertificateInfo, checkHost } from './ca/index.js';
import type { ClusterState } from './cluster-file.js';
import type { Credentials, UserCredentials } from './credentials.js';
import { formatAddress, isWildcard, type ListenAt } from './host-port.js';
import { leafListen, routeListen, type ServerPlan } from './server-config.js';
import type { StoreFiles } from './store.js';
import { checkTls, findTls, type TlsFiles } from './tls-files.js';

export interface Sources {
  readonly config: NodeConfig;
  readonly prefix: string;
  readonly files: StoreFiles;
  readonly credentials: Credentials;
  readonly state: ClusterState | null;
}

export interface Plan extends ServerPlan {
  /** Where programs of this machine connect: a host for which the certificate holds. */
  readonly host: string;
}

/** Throws CERTIFICATE_INVALID, CLUSTER_INVALID. `clientPort`: kept over a restart. */
export async function makePlan(sources: Sources, clientPort: number | null): Promise<Plan> {
  const { config, files, credentials, state } = sources;
  const tls = findTls(config, files);
  const certificate = tls === null ? null : await checkTls(tls);
  const client = { host: config.listen.host, port: clientPort ?? config.listen.port };
  const route = routeOf(config, state);
  const leaf = leafListen(config, state);
  if (certificate === null) refuseOpen(config, [client, route, leaf]);
  if (state?.mode === 'leaf' && certificate === null) refuseOpenHub(config, state);
  const clientTls = tls !== null && !isLoopback(client.host);
  const host =
    clientTls && certificate !== null ? certifiedHost(client, config, certificate, tls) : local(client);
  const { head } = new Subjects(sources.prefix);
  const naming = { prefix: sources.prefix, head };
  return { node: config, files, credentials, naming, state, tls, client, route, leaf, clientTls, host };
}

/** Where clients with this user connect: this node first, then, in a cluster, the others. */
export function addressOf(plan: Plan, port: number, { user, password }: UserCredentials): BusAddress {
  const scheme = plan.clientTls ? 'tls' : 'nats';
  const own = `${scheme}://${formatAddress({ host: plan.host, port })}`;
  const { state, tls } = plan;
  const others = state?.mode === 'cluster' ? state.members.filter(({ name }) => name !== state.self) : [];
  return {
    servers: [own, ...others.map(({ client }) => `${scheme}://${client}`)],
    inOrder: true,
    user,
    password,
    ...(plan.clientTls && tls !== null ? { tls: { ca: tls.ca } } : {}),
    ...(state?.mode === 'leaf' ? { behindLeaf: true } : {}),
  };
}

/** What a running server cannot be told by a reload: its answer to all but routes and certificates. */
export function needsRestart(before: Plan, after: Plan): boolean {
  return JSON.stringify(fixed(before)) !== JSON.stringify(fixed(after));
}

function fixed({ state, tls, client, route, leaf, clientTls }: Plan): unknown {
  const { mode = 'alone', cluster = '', hub = [], members = [], self = '' } = state ?? {};
  const own = members.find(({ name }) => name === self);
  const clustered = mode === 'cluster' ? [cluster, own?.route, own?.client, own?.leaf] : [];
  return [mode, clustered, mode === 'leaf' ? hub : [], tls !== null, client.host, route, leaf, clientTls];
}

function routeOf(config: NodeConfig, state: ClusterState | null): ListenAt | null {
  if (state?.mode !== 'cluster') return null;
  const route = routeListen(config, state);
  if (route !== null) return route;
  const own = state.members.find(({ name }) => name === state.self)?.route ?? '';
  throw new ParleyError(
    'CLUSTER_INVALID',
    `the cluster reaches this node at ${own}, but nothing listens there`,
    {
      fix: 'Add "node.cluster.listen" to the config, such as "0.0.0.0:6222".',
    },
  );
}

function refuseOpen(config: NodeConfig, listeners: readonly (ListenAt | null)[]): void {
  const open = listeners.find((listen) => listen !== null && !isLoopback(listen.host));
  if (open === undefined || open === null || config.insecure === true) return;
  throw insecure(`other machines can reach ${formatAddress(open)}, and there is no certificate for TLS`);
}

function refuseOpenHub(config: NodeConfig, { hub = [] }: ClusterState): void {
  const far = hub.find(({ leaf }) => !isLoopback(leaf.slice(0, leaf.lastIndexOf(':'))));
  if (far === undefined || config.insecure === true) return;
  throw insecure(`the hub ${far.name} is another machine, and there is no certificate for TLS`);
}

function insecure(message: string): ParleyError {
  return new ParleyError('CERTIFICATE_INVALID', message, {
    fix: 'Make a CA and a certificate with `parley node ca`, name your own as "node.tls", or write "node.insecure: true".',
  });
}

function local({ host }: ListenAt): string {
  return isWildcard(host) ? '127.0.0.1' : host;
}

/** A certificate of a public CA does not hold for 127.0.0.1, but for the name by which others call this machine. */
function certifiedHost(
  client: ListenAt,
  config: NodeConfig,
  certificate: CertificateInfo,
  tls: TlsFiles,
): string {
  const advertised = config.cluster?.advertise?.replace(/:\d+$/, '');
  const candidates = [local(client), advertised].filter((host) => host !== undefined);
  const found = candidates.find((host) => checkHost(certificate, host));
  if (found !== undefined) return found;
  throw new ParleyError(
    'CERTIFICATE_INVALID',
    `${tls.cert}: it does not hold for ${candidates.join(' or ')}`,
    {
      fix: 'Listen on an address that the certificate names, set "node.cluster.advertise", or make a certificate that names it.',
    },
  );
}

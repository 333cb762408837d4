/**
 * The configuration file of nats-server, for a node alone, a member of a cluster, or a leaf.
 *
 * Clients are in an account of Parley's own, not in the server's global one: nats-server 2.9.10 lets everybody without a
 * password into that when only the system account is named beside it. Monitoring is in the system account.
 */
import type { NodeConfig } from '../config/index.js';
import { encodeToken } from '../message/index.js';
import type { ClusterState } from './cluster-file.js';
import type { Credentials, UserCredentials } from './credentials.js';
import { formatAddress, type ListenAt, parseAddress } from './host-port.js';
import { type Naming, type Permissions, permissionsOf, pluginPermissions, ROLES } from './roles.js';
import { serviceUsers } from './services.js';
import type { StoreFiles } from './store.js';
import type { TlsFiles } from './tls-files.js';

const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Outbound bytes that the server keeps for a slow client before it drops the connection. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** A drained server waits a moment, then sends a client away every second; 30 s is the least it takes as a limit. */
const LAME_DUCK = '30s';
const LAME_DUCK_GRACE = '1s';
/** Two cores under load take more than the 2 s that is usual. */
const TLS_TIMEOUT_S = 10;
const NAME_TO_NAME_TLS = `verify: true, timeout: ${TLS_TIMEOUT_S}`;

/** Name of the account, and of its folder in the JetStream store. */
export const ACCOUNT = 'PARLEY';

/** What a server on the bench calls itself to the others (see bench.ts). */
export const BENCH_TAG = 'bench';

/** Longer than a gateway waits for any answer. */
const ANSWERS = 'allow_responses: { max: 1, expires: "5m" }';

const EVERYTHING: Permissions = { publish: ['>'], subscribe: ['>'] };

export interface ServerPlan {
  readonly node: NodeConfig;
  readonly files: StoreFiles;
  readonly credentials: Credentials;
  readonly naming: Naming;
  /** Null: alone. */
  readonly state: ClusterState | null;
  readonly tls: TlsFiles | null;
  /** Where clients connect. Port null: any free one. */
  readonly client: ListenAt;
  /** Where other members connect; null: not in a cluster. */
  readonly route: ListenAt | null;
  /** Where leaf nodes connect; null: it takes none. */
  readonly leaf: ListenAt | null;
  /** Clients must use TLS. */
  readonly clientTls: boolean;
  /** The only user of the main account, who may do everything: see bench.ts. */
  readonly bench?: UserCredentials;
}

/** The text of the file. */
export function serverConfig(plan: ServerPlan): string {
  const { node, files, client, credentials, naming, state } = plan;
  // A leaf without streams of its own passes requests about streams on to its hub.
  const hasStreams = state?.mode !== 'leaf';
  const lines = [
    '# Written by Parley at every start; changes here are lost.',
    `server_name: ${quoted(encodeToken(node.name))}`,
    ...listenLines(client),
    ...(plan.bench === undefined ? [] : [`server_tags: [${quoted(BENCH_TAG)}]`]),
    `pid_file: ${quoted(files.serverPid)}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `max_pending: ${MAX_PENDING_BYTES}`,
    `lame_duck_duration: ${quoted(LAME_DUCK)}`,
    `lame_duck_grace_period: ${quoted(LAME_DUCK_GRACE)}`,
    ...(plan.clientTls ? [tlsBlock(plan, `timeout: ${TLS_TIMEOUT_S}`)] : []),
    ...(plan.bench === undefined ? clientAdvertise(state) : []),
    ...(hasStreams ? [`jetstream { store_dir: ${quoted(files.jetstream)} }`] : []),
    `authorization { timeout: ${TLS_TIMEOUT_S} }`,
    'accounts {',
    `  ${ACCOUNT} { jetstream: ${hasStreams ? 'enabled' : 'disabled'}, users: [`,
    ...(plan.bench === undefined ? mainUsers(plan) : [userLine(plan.bench, EVERYTHING)]),
    '  ] }',
    '  SYS { users: [',
    userLine(credentials.users.sys, permissionsOf('sys', naming)),
    '  ] }',
    '}',
    'system_account: SYS',
    // A leaf connection carries no requests about streams otherwise, on either end (leafnode.go, "JetStream Not
    // Extended"): with this the streams of the hub are those of the leaf, under their own names.
    ...(state?.mode === 'leaf' || plan.leaf !== null ? [`default_js_domain: { ${ACCOUNT}: "" }`] : []),
    ...clusterLines(plan),
    ...leafLines(plan),
  ];
  return `${lines.join('\n')}\n`;
}

function listenLines({ host, port }: ListenAt): readonly string[] {
  return [`host: ${quoted(host)}`, `port: ${port ?? -1}`];
}

/** What the members tell clients of each other, to go on there. */
function clientAdvertise(state: ClusterState | null): readonly string[] {
  const self = state?.mode === 'cluster' ? selfOf(state) : undefined;
  return self === undefined ? [] : [`client_advertise: ${quoted(self.client)}`];
}

function mainUsers({ node, credentials, naming }: ServerPlan): readonly string[] {
  const { users, plugins } = credentials;
  const roles = ROLES.filter((role) => role !== 'sys');
  return [
    ...roles.map((role) => userLine(users[role], permissionsOf(role, naming))),
    ...Object.entries(plugins).map(([network, user]) =>
      userLine(user, pluginPermissions(encodeToken(network), naming)),
    ),
    ...serviceUsers(node, credentials, naming).map((user) => userLine(user, user.permissions)),
  ];
}

function userLine({ user, password }: UserCredentials, permissions: Permissions): string {
  const { publish, subscribe, answers } = permissions;
  const may = [
    `publish: ${allowed(publish)}`,
    `subscribe: ${allowed(subscribe)}`,
    ...(answers === true ? [ANSWERS] : []),
  ];
  return `    { user: ${quoted(user)}, password: ${quoted(password)}, permissions: { ${may.join(', ')} } }`;
}

/** An empty list would allow everything. */
function allowed(subjects: readonly string[]): string {
  return subjects.length === 0 ? '{ deny: ">" }' : `{ allow: [${subjects.map(quoted).join(', ')}] }`;
}

function clusterLines(plan: ServerPlan): readonly string[] {
  const { state, route, credentials } = plan;
  if (state?.mode !== 'cluster' || route === null) return [];
  const { user, password } = credentials.users.route;
  const others = state.members.filter(({ name }) => name !== state.self);
  const routes = others.map(
    (member) => `    ${quoted(linkUrl('nats-route', credentials.users.route, member.route))}`,
  );
  return [
    'cluster {',
    `  name: ${quoted(encodeToken(state.cluster))}`,
    ...indented(listenLines(route)),
    `  advertise: ${quoted(selfOf(state)?.route ?? formatAddress(route))}`,
    `  authorization { user: ${quoted(user)}, password: ${quoted(password)}, timeout: ${TLS_TIMEOUT_S} }`,
    ...indented(linkTls(plan)),
    `  routes: [\n${routes.join('\n')}\n  ]`,
    '}',
  ];
}

function leafLines(plan: ServerPlan): readonly string[] {
  if (plan.state?.mode === 'leaf') return remoteLines(plan, plan.state);
  const { leaf, credentials, state } = plan;
  if (leaf === null) return [];
  const { user, password } = credentials.users.leaf;
  const advertised = state === null ? undefined : selfOf(state)?.leaf;
  return [
    'leafnodes {',
    ...indented(listenLines(leaf)),
    ...(advertised === undefined ? [] : [`  advertise: ${quoted(advertised)}`]),
    `  authorization { user: ${quoted(user)}, password: ${quoted(password)}, account: ${ACCOUNT}, timeout: ${TLS_TIMEOUT_S} }`,
    ...indented(linkTls(plan)),
    '}',
  ];
}

function remoteLines(plan: ServerPlan, { hub = [] }: ClusterState): readonly string[] {
  const scheme = plan.tls === null ? 'nats-leaf' : 'tls';
  const urls = hub.map((node) => `      ${quoted(linkUrl(scheme, plan.credentials.users.leaf, node.leaf))}`);
  return [
    'leafnodes {',
    '  reconnect: 1',
    '  remotes: [ {',
    `    account: ${ACCOUNT}`,
    `    urls: [\n${urls.join('\n')}\n    ]`,
    ...(plan.tls === null ? [] : [`    ${tlsBlock(plan, `timeout: ${TLS_TIMEOUT_S}`)}`]),
    '  } ]',
    '}',
  ];
}

/** Both ends show a certificate of the cluster's CA. */
function linkTls(plan: ServerPlan): readonly string[] {
  return plan.tls === null ? [] : [tlsBlock(plan, NAME_TO_NAME_TLS)];
}

function tlsBlock({ tls }: ServerPlan, more: string): string {
  if (tls === null) return '';
  const { ca, cert, key } = tls;
  return `tls { ca_file: ${quoted(ca)}, cert_file: ${quoted(cert)}, key_file: ${quoted(key)}, ${more} }`;
}

/** Passwords are base64url: nothing to escape. */
function linkUrl(scheme: string, { user, password }: UserCredentials, address: string): string {
  return `${scheme}://${user}:${password}@${address}`;
}

function selfOf(state: ClusterState) {
  return state.members.find(({ name }) => name === state.self);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** Double quotes keep nats-server from reading `$NAME` as a variable or `1K` as a number. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Where the other members connect to this node, and where it listens for that; see cluster-file.ts for the port. */
export function routeListen(node: NodeConfig, state: ClusterState): ListenAt | null {
  if (node.cluster === undefined) return null;
  return withPort(node.cluster.listen, selfOf(state)?.route);
}

export function leafListen(node: NodeConfig, state: ClusterState | null): ListenAt | null {
  if (node.leaf === undefined || state?.mode === 'leaf') return null;
  return withPort(node.leaf.listen, state === null ? undefined : selfOf(state)?.leaf);
}

function withPort(listen: ListenAt, advertised: string | undefined): ListenAt {
  const port = listen.port ?? (advertised === undefined ? null : parseAddress(advertised).port);
  return { host: listen.host, port };
}

/**
 * The inviter's side: makes invitations, lets machines in, and says when the cluster forms. cluster.json on every
 * machine is the truth (the backbone must not be needed to find the backbone); a node that waits asks the inviter.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { NodeConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import {
  type ClusterMember,
  type ClusterState,
  certify,
  ensureCredentials,
  filesOf,
  formatAddress,
  type HubNode,
  hostsOfNode,
  issueCertificate,
  isWildcard,
  makeAuthority,
  type Node,
  readClusterFile,
  type StoreFiles,
  writeClusterFile,
} from '../node/index.js';
import { readGrowth, writeGrowth } from './growth.js';
import { formatInvitation, isSigned, keyOf, newSecret, seal } from './invitation.js';
import { readKept, writeKept } from './kept-invitations.js';
import { type Membership, votersOf } from './membership.js';
import { askSpec, type Hello, parseWish, type Welcome, type Wish } from './messages.js';
import { freePort } from './reachable.js';
import { cannotInvite, growing, nameTaken, refused } from './refusals.js';

const FEWEST = 3;

export interface DeskOptions {
  readonly config: NodeConfig;
  readonly prefix: string;
  readonly node: Node;
  readonly version: string;
  readonly log: Logger;
  /** Three are known: growth may be gathered. */
  readonly formed: () => void;
  readonly membership: Membership;
  /** Names of the leaf nodes that are there. */
  readonly leaves: () => Promise<readonly string[]>;
}

export class Desk {
  readonly #options: DeskOptions;
  readonly #files: StoreFiles;
  /** Two that join at once would both be the second. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#files = filesOf(options.config.store);
  }

  /** The line. Throws CLUSTER_INVALID when this node cannot be reached by others. */
  invite(
    ttlMs: number,
    { replaces, leaf = false }: { readonly replaces?: string | undefined; readonly leaf?: boolean } = {},
  ): Promise<{ readonly line: string; readonly expires: string }> {
    return this.#inTurn(async () => {
      const { config, prefix, node } = this.#options;
      const state = await this.#state();
      const own = state.members.find(({ name }) => name === config.name);
      if (own === undefined) throw cannotInvite('this node is a leaf');
      if (replaces !== undefined && !state.members.some(({ name }) => name === replaces)) {
        throw cannotInvite(`"${replaces}" is not a member, so nothing can take its place`);
      }
      if (leaf) this.#hub(state);
      const ca = await this.#authority();
      const secret = newSecret();
      const id = randomBytes(9).toString('base64url');
      const expires = Date.now() + ttlMs;
      const kept = (await readKept(this.#files)).filter(
        (each) => each.expires > Date.now() || each.replaces !== undefined,
      );
      const key = keyOf(secret).toString('base64');
      const more = replaces === undefined ? {} : { replaces };
      await writeKept(this.#files, [...kept, { id, key, expires, usedBy: null, ...more }]);
      const { users } = await ensureCredentials(this.#files.credentials);
      const tls = node.address.servers.some((server) => server.startsWith('tls:'));
      const line = formatInvitation({
        addresses: [own.client],
        tls,
        prefix,
        cluster: state.cluster,
        inviter: config.name,
        ca,
        password: users.join.password,
        id,
        secret,
        ...(leaf ? { leaf: true as const } : {}),
      });
      return { line, expires: new Date(expires).toISOString() };
    });
  }

  /** What a machine that joins asks, with the secret's key as the only proof. */
  async join(body: unknown): Promise<Hello | { readonly sealed: string }> {
    const asked = askSpec.safeParse(body);
    if (!asked.success) throw new ParleyError('USAGE', 'join: not a request that this version understands');
    if ('hello' in asked.data) return this.#hello();
    const { id, wish, signature } = asked.data;
    return this.#inTurn(() => this.#admit(id, wish, signature));
  }

  /** What has been decided: null while fewer than three are known. */
  async target(): Promise<ClusterState | null> {
    const growth = await readGrowth(this.#files);
    if (growth !== null) return growth.target;
    const state = await readClusterFile(this.#files.cluster);
    return state?.mode === 'cluster' ? state : null;
  }

  /** Members whose successors are in. */
  async replaced(): Promise<readonly string[]> {
    const { state } = this.#options.membership;
    if (state === null) return [];
    const voters = votersOf(state);
    const kept = await readKept(this.#files);
    return kept.flatMap(({ usedBy, replaces }) =>
      replaces !== undefined && usedBy !== null && voters.includes(usedBy) && voters.includes(replaces)
        ? [replaces]
        : [],
    );
  }

  /** Members, whether they form a cluster yet or wait for more. */
  async members(): Promise<ClusterState> {
    return this.#state();
  }

  async #hello(): Promise<Hello> {
    const { config, version } = this.#options;
    return { inviter: config.name, cluster: (await this.#state()).cluster, now: Date.now(), version };
  }

  async #admit(id: string, text: string, signature: string): Promise<{ readonly sealed: string }> {
    const all = await readKept(this.#files);
    const kept = all.find((each) => each.id === id);
    const key = Buffer.from(kept?.key ?? '', 'base64');
    if (kept === undefined || !isSigned(key, text, signature)) throw refused('it is not known here');
    if (kept.usedBy !== null) throw refused(`"${kept.usedBy}" has used it`);
    if (kept.expires < Date.now()) throw refused(`it expired at ${new Date(kept.expires).toISOString()}`);
    const wish = parseWish(text);
    const state = await this.#state();
    if (state.members.some(({ name }) => name === wish.name)) throw nameTaken(wish.name);
    const certificate = await this.#certificate(wish);
    const grown = wish.as === 'leaf' ? await this.#leafOf(state, wish) : await this.#add(state, wish);
    await writeKept(
      this.#files,
      all.map((each) => (each.id === id ? { ...each, usedBy: wish.name } : each)),
    );
    this.#options.log.info('a node joined', {
      node: wish.name,
      as: grown.mode,
      members: grown.members.length,
    });
    const welcome: Welcome = {
      state: { ...grown, self: wish.name },
      credentials: await ensureCredentials(this.#files.credentials),
      certificate,
      ca: certificate === null ? null : await readFile(this.#files.tls.ca, 'utf8'),
    };
    return { sealed: seal(key, welcome) };
  }

  /** What the cluster.json of a leaf says; the members need not know of it. */
  async #leafOf(state: ClusterState, { name }: Wish): Promise<ClusterState> {
    const { cluster } = state;
    if ((await this.#options.leaves()).includes(name)) throw nameTaken(name);
    return { version: 1, mode: 'leaf', cluster, self: name, members: [], hub: this.#hub(state) };
  }

  /** Throws CLUSTER_INVALID when no node says where leaf nodes connect. */
  #hub({ members }: ClusterState): readonly HubNode[] {
    const { config } = this.#options;
    const { host, port } = config.leaf?.listen ?? { host: '', port: null };
    const own = port === null ? undefined : formatAddress({ host: reachedAt(config, host), port });
    const hub = members.flatMap(({ name, leaf, client }) => {
      const address = leaf ?? (name === config.name ? own : undefined);
      return address === undefined ? [] : [{ name, leaf: address, client }];
    });
    if (hub.length > 0) return hub;
    throw cannotInvite(
      'a leaf has nowhere to connect: give it "node.leaf.listen" with a port, such as "0.0.0.0:7422"',
    );
  }

  async #add(state: ClusterState, { name, route, client, leaf }: Wish): Promise<ClusterState> {
    const { membership } = this.#options;
    const member = { name, route, client, ...(leaf === undefined ? {} : { leaf }) };
    // Without a vote until it is there: of four members with one dead and one not there yet, two are no majority.
    if (state.mode === 'cluster') {
      return membership.change((members) => withMember(members, { ...member, pending: true }));
    }
    const grown = { ...state, members: [...state.members, member] };
    if ((await readGrowth(this.#files)) !== null) throw growing();
    await writeClusterFile(this.#files.cluster, grown);
    if (grown.members.length < FEWEST) return grown;
    const target = { ...grown, mode: 'cluster' as const };
    await writeGrowth(this.#files, { target, step: 'gather' });
    this.#options.formed();
    return grown;
  }

  async #certificate({ name, hosts, request }: Wish): Promise<string | null> {
    const { ca, caKey } = this.#files.tls;
    if (!existsSync(caKey)) return null;
    const [cert, key] = await Promise.all([readFile(ca, 'utf8'), readFile(caKey, 'utf8')]);
    return issueCertificate({ cert, key }, request, { name, hosts });
  }

  /** The CA of the store, made when there is none. Null: the config lets nodes talk without TLS. */
  async #authority(): Promise<string | null> {
    const { config, prefix, node } = this.#options;
    const { tls } = this.#files;
    if (config.tls !== undefined) {
      throw cannotInvite('its certificates are of a CA of your own, whose key is not here');
    }
    if (!existsSync(tls.caKey)) {
      if (existsSync(tls.ca)) throw cannotInvite('the key of the CA is on another node');
      await makeAuthority(tls, `parley ${prefix}`);
      await certify(tls, tls, { name: config.name, hosts: hostsOfNode(config) });
      await node.reload();
    }
    return readFile(tls.ca, 'utf8');
  }

  /** Of cluster.json; a node that was always alone begins one with itself. */
  async #state(): Promise<ClusterState> {
    const found = await readClusterFile(this.#files.cluster);
    if (found !== null) return found;
    const { config, prefix } = this.#options;
    const made: ClusterState = {
      version: 1,
      mode: 'alone',
      cluster: config.cluster?.name ?? prefix,
      self: config.name,
      members: [await this.#self()],
    };
    await writeClusterFile(this.#files.cluster, made);
    return made;
  }

  async #self(): Promise<ClusterMember> {
    const { config, node } = this.#options;
    if (config.cluster === undefined) throw cannotInvite('nothing says where other nodes reach it');
    const { listen, advertise } = config.cluster;
    const port = listen.port ?? (await freePort(listen.host));
    const host = reachedAt(config, listen.host);
    const client = formatAddress({ host: reachedAt(config, config.listen.host), port: node.ports.client });
    return { name: config.name, route: advertise ?? formatAddress({ host, port }), client };
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** It is in already when an attempt that was cut off is brought to its end. */
function withMember(members: readonly ClusterMember[], member: ClusterMember): ClusterState['members'] {
  const found = members.find(({ name }) => name === member.name);
  if (found === undefined) return [...members, member];
  if (found.route === member.route && found.client === member.client) return members;
  throw nameTaken(member.name);
}

/** The first address of the machine stands for all of them. */
function reachedAt(config: NodeConfig, host: string): string {
  return isWildcard(host) ? (hostsOfNode(config)[0] ?? '127.0.0.1') : host;
}

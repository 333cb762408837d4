import { existsSync } from 'node:fs';
import type { Bus } from '../bus/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { filesOf, type Node } from '../node/index.js';
import { Desk } from './desk.js';
import { gatherAndGrow } from './gathering.js';
import { listMembers } from './listing.js';

export interface ClusterService {
  readonly bus: Bus;
  readonly gateway: string;
  readonly node: Node | null;
  readonly config: ParleyConfig;
  readonly log: Logger;
  /** Ends what the node does for its cluster. */
  readonly signal: AbortSignal;
  /** The members of the cluster have become these. Resolves once the gateway acts by it. */
  readonly formed: (members: readonly string[]) => Promise<void>;
}

/** What a gateway does for the cluster of its node: inviting, letting in, growing. Nothing without a node of its own. */
export function serveCluster({
  bus,
  gateway,
  node,
  config,
  log,
  signal,
  formed: tell,
}: ClusterService): void {
  if (node === null || config.node === null) return;
  const files = filesOf(config.node.store);
  const formed = (): void =>
    void gatherAndGrow(node, files, log, signal, ({ members }) => tell(members.map(({ name }) => name)));
  const { prefix } = config;
  const desk = new Desk({ config: config.node, prefix, node, version: node.version, log, formed });
  let isOpen = false;
  // One node answers those who join: the one with the CA's key, which made their invitations.
  const open = (): void => {
    if (isOpen) return;
    isOpen = true;
    bus.serve(['node', 'join'], (body) => desk.join(body));
    bus.serve(['node', 'target'], () => desk.target());
  };
  bus.serve(['gateway', gateway, 'invite'], async (body) => {
    const invitation = await desk.invite(ttlOf(body));
    open();
    return invitation;
  });
  bus.serve(['gateway', gateway, 'members'], async () => listMembers(await desk.members(), node, log));
  if (existsSync(files.tls.caKey)) open();
  formed();
}

function ttlOf(body: unknown): number {
  const { ttlMs } = (body ?? {}) as { ttlMs?: unknown };
  if (typeof ttlMs === 'number' && ttlMs > 0) return ttlMs;
  throw new ParleyError('USAGE', 'invite: expected {"ttlMs": number}');
}

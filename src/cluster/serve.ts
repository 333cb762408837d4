import { existsSync } from 'node:fs';
import type { Bus } from '../bus/index.js';
import type { ParleyConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type ClusterState, filesOf, type Node } from '../node/index.js';
import { type Departure, type DepartureTools, dismiss, refuseDeparture, removeMember } from './departure.js';
import { Desk } from './desk.js';
import { gatherAndGrow } from './gathering.js';
import { listLeaves, listMembers } from './listing.js';
import { Membership, votersOf } from './membership.js';

const LOOK_MS = 2000;
const DISMISS_MS = 180_000;
const ANSWER_MS = 10_000;
const HUB_MS = 5000;

export interface ClusterService {
  readonly bus: Bus;
  readonly gateway: string;
  readonly node: Node | null;
  readonly config: ParleyConfig;
  /** Of Parley. */
  readonly log: Logger;
  /** Ends what the node does for its cluster. */
  readonly signal: AbortSignal;
  /** These vote from now on. Resolves once the gateway acts by it. */
  readonly formed: (voters: readonly string[]) => Promise<void>;
  /** Gives its networks to other gateways, where there are any. */
  readonly handOver: () => Promise<void>;
  /** Ends this gateway; `left`: its store is put aside, it is a member no longer. */
  readonly end: (how: 'drained' | 'left') => void;
}

/** What a gateway does for the cluster of its node: inviting, letting in, growing. Nothing without a node of its own. */
export function serveCluster(service: ClusterService): void {
  const { bus, gateway, node, config, log, signal, formed: act } = service;
  if (node === null || config.node === null) return;
  if (node.cluster?.mode === 'leaf') {
    serveLeaf(bus, gateway, node, node.cluster);
    return;
  }
  const files = filesOf(config.node.store);
  const formed = (): void => void gatherAndGrow(node, files, log, signal, (target) => act(votersOf(target)));
  let isLeaving = false;
  const removed = (): void => {
    if (isLeaving) return;
    log.error('this node was removed from its cluster, and stops', {
      next: 'parley node join, with a new line',
    });
    service.end('left');
  };
  const membership = new Membership({ bus, node, files, name: config.node.name, log, formed: act, removed });
  const { prefix } = config;
  const { version } = node;
  const tools: DepartureTools = { bus, node, membership, log };
  const leaves = async () => (await listLeaves(tools)).map(({ name }) => name);
  const desk = new Desk({ config: config.node, prefix, node, version, log, formed, membership, leaves });
  let isOpen = false;
  // One node answers those who join: the one with the CA's key, which made their invitations.
  const open = (): void => {
    if (isOpen) return;
    isOpen = true;
    bus.serve(['node', 'join'], (body) => desk.join(body));
    bus.serve(['node', 'target'], () => desk.target());
  };
  bus.serve(['gateway', gateway, 'invite'], async (body) => {
    const invitation = await desk.invite(ttlOf(body), {
      replaces: nameIn(body, 'replaces'),
      leaf: nameIn(body, 'as') === 'leaf',
    });
    open();
    return invitation;
  });
  bus.serve(['gateway', gateway, 'members'], async () =>
    listMembers(membership.state ?? (await desk.members()), tools),
  );
  bus.serve(['gateway', gateway, 'about'], async () => ({ version: node.version, now: Date.now() }));
  bus.serve(['gateway', gateway, 'remove'], (body) => removeMember(tools, required(body, 'name')));
  const dismissals = new Map<string, Promise<Departure>>();
  bus.serve(['gateway', gateway, 'dismiss'], (body) => {
    const name = required(body, 'name');
    const under = dismissals.get(name) ?? dismiss(tools, name).finally(() => dismissals.delete(name));
    dismissals.set(name, under);
    return under;
  });
  bus.serve(['gateway', gateway, 'shutdown'], async () => {
    await service.handOver();
    service.end('drained');
    return { ok: true };
  });
  bus.serve(['gateway', gateway, 'leave'], async () => {
    const state = await refuseDeparture(tools, gateway);
    isLeaving = true;
    try {
      await service.handOver();
      const others = votersOf(state).filter((name) => name !== gateway);
      const answer = await dismissed(bus, others, gateway);
      service.end('left');
      return answer;
    } catch (error) {
      isLeaving = false;
      throw error;
    }
  });
  if (existsSync(files.tls.caKey)) open();
  formed();
  const timer = setInterval(() => void lookAfter(tools, desk, gateway), LOOK_MS);
  const stop = (): void => {
    clearInterval(timer);
    void membership.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
}

/** A leaf has a name, and its hub. */
function serveLeaf(bus: Bus, gateway: string, node: Node, { hub = [] }: ClusterState): void {
  bus.serveEach(['node', 'leaves'], async () => ({ name: gateway, version: node.version, now: Date.now() }));
  bus.serve(['gateway', gateway, 'members'], () =>
    atFirst(
      bus,
      hub.map(({ name }) => name),
      'members',
      {},
      HUB_MS,
    ),
  );
}

/** The other servers part with ours before their answer has come, and it may be lost with that: asked again it is the same. */
async function dismissed(bus: Bus, others: readonly string[], name: string): Promise<unknown> {
  const end = performance.now() + DISMISS_MS;
  for (;;) {
    try {
      return await atFirst(bus, others, 'dismiss', { name }, ANSWER_MS);
    } catch (error) {
      const isLost = error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE';
      if (!isLost || performance.now() > end) throw error;
    }
  }
}

/** Asks the first of them; the next one when it does not do it. */
async function atFirst(
  bus: Bus,
  names: readonly string[],
  verb: string,
  body: unknown,
  timeoutMs: number,
): Promise<unknown> {
  let last: unknown = new ParleyError('CLUSTER_INVALID', 'no other node is known');
  for (const name of names) {
    try {
      return await bus.request<unknown>(['gateway', name, verb], body, timeoutMs);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

const busy = new WeakSet<Membership>();

/** A new member gets its vote once it runs; one that it replaces goes. What fails is tried again. */
async function lookAfter(tools: DepartureTools, desk: Desk, self: string): Promise<void> {
  const { membership, log } = tools;
  const { state } = membership;
  if (state === null || busy.has(membership)) return;
  busy.add(membership);
  try {
    if (state.members.some(({ name, pending }) => name === self && pending === true)) {
      await membership.change((members) =>
        members.map((member) => (member.name === self ? { ...member, pending: undefined } : member)),
      );
    }
    for (const name of await desk.replaced()) await removeMember(tools, name);
  } catch (error) {
    log.debug('the members are not as they should be yet', { reason: reasonOf(error) });
  } finally {
    busy.delete(membership);
  }
}

function ttlOf(body: unknown): number {
  const { ttlMs } = (body ?? {}) as { ttlMs?: unknown };
  if (typeof ttlMs === 'number' && ttlMs > 0) return ttlMs;
  throw new ParleyError('USAGE', 'invite: expected {"ttlMs": number}');
}

function nameIn(body: unknown, field: string): string | undefined {
  const value = ((body ?? {}) as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : undefined;
}

function required(body: unknown, field: string): string {
  const name = nameIn(body, field);
  if (name !== undefined) return name;
  throw new ParleyError('USAGE', `expected {"${field}": text}`);
}

import { openProbe, type StreamCopies } from '../bus/index.js';
import { encodeToken } from '../message/index.js';
import type { ClusterMember, ClusterState } from '../node/index.js';
import type { DepartureTools } from './departure.js';

const WINDOW_MS = 1000;
const ASK_MS = 2000;

export interface ListedMember extends ClusterMember {
  /** `pending`: let in, not started yet. */
  readonly role: 'member' | 'pending';
  /** `waits`: known, but the cluster has not formed yet. */
  readonly state: 'up' | 'away' | 'waits';
  /** Of its nats-server; null: its gateway does not answer. */
  readonly version: string | null;
  /** How far its clock is ahead of this node's, ms. */
  readonly clockMs: number | null;
  /** Copies of streams and buckets at this node. */
  readonly copies: { readonly current: number; readonly behind: number; readonly lag: number };
}

export interface ListedLeaf {
  readonly name: string;
  readonly version: string;
  /** How far its clock is ahead, at most, ms. */
  readonly clockMs: number;
}

/** Those that answer now. */
export async function listLeaves({ bus }: Pick<DepartureTools, 'bus'>): Promise<readonly ListedLeaf[]> {
  type Answer = { readonly name: string; readonly version: string; readonly now: number };
  const askedAt = Date.now();
  const answers = await bus
    .requestAll<Answer>(['node', 'leaves'], {}, WINDOW_MS)
    .catch((): readonly Answer[] => []);
  return answers.map(({ name, version, now }) => ({ name, version, clockMs: now - askedAt }));
}

/** The members, which of their servers answer this node, and what is on them. */
export async function listMembers(state: ClusterState, tools: DepartureTools) {
  const probe = await openProbe(tools.node.system, tools.log);
  try {
    const [up, all, leaves] = await Promise.all([
      probe.servers(WINDOW_MS),
      tools.bus.copies().catch((): readonly StreamCopies[] => []),
      listLeaves(tools),
    ]);
    const listed = state.members.map((member) => describe(state, member, up, all, tools));
    const { cluster, mode, self, revision = 0 } = state;
    return { cluster, mode, self, revision, members: await Promise.all(listed), leaves };
  } finally {
    await probe.close();
  }
}

async function describe(
  { mode }: ClusterState,
  member: ClusterMember,
  up: readonly string[],
  all: readonly StreamCopies[],
  { bus }: DepartureTools,
): Promise<ListedMember> {
  const server = encodeToken(member.name);
  const isUp = up.includes(server);
  const askedAt = Date.now();
  const about = isUp
    ? await bus
        .request<{ version: string; now: number }>(['gateway', member.name, 'about'], {}, ASK_MS)
        .catch(() => null)
    : null;
  const here = all.flatMap(({ copies }) => copies.filter((copy) => copy.server === server));
  return {
    ...member,
    role: member.pending === true ? 'pending' : 'member',
    state: isUp ? 'up' : mode === 'cluster' ? 'away' : 'waits',
    version: about?.version ?? null,
    clockMs: about === null ? null : Math.round(about.now - (askedAt + Date.now()) / 2),
    copies: {
      current: here.filter(({ current }) => current).length,
      behind: here.filter(({ current }) => !current).length,
      lag: Math.max(0, ...here.map(({ lag }) => lag)),
    },
  };
}

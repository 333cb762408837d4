import { openProbe } from '../bus/index.js';
import type { Logger } from '../log.js';
import { encodeToken } from '../message/index.js';
import type { ClusterMember, ClusterState, Node } from '../node/index.js';

const WINDOW_MS = 1000;

export interface ListedMember extends ClusterMember {
  /** `waits`: known, but the cluster has not formed yet. */
  readonly state: 'up' | 'away' | 'waits';
}

/** The members, and which of their servers answer this node. */
export async function listMembers(state: ClusterState, node: Node, log: Logger) {
  const probe = await openProbe(node.system, log);
  try {
    const up = await probe.servers(WINDOW_MS);
    const stateOf = ({ name }: ClusterMember): ListedMember['state'] => {
      if (up.includes(encodeToken(name))) return 'up';
      return state.mode === 'cluster' ? 'away' : 'waits';
    };
    const members = state.members.map((member) => ({ ...member, state: stateOf(member) }));
    return { cluster: state.cluster, mode: state.mode, self: state.self, members };
  } finally {
    await probe.close();
  }
}

import type { ClusterMember, ClusterState } from '../node/index.js';
import type { Row } from './output.js';

export const MEMBER_HEADS = ['NODE', 'STATE', 'CLIENTS', 'ROUTES'];

export function memberRow({ name, client, route }: ClusterMember, mode: ClusterState['mode']): Row {
  return [name, mode === 'cluster' ? 'member' : 'waits', client, route];
}

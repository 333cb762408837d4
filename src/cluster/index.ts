export { setAside } from './aside.js';
export { Desk } from './desk.js';
export { gatherAndGrow } from './gathering.js';
export { awaitGrowth, type Growth, grow, MARK, readGrowth, writeGrowth } from './growth.js';
export {
  formatInvitation,
  type Invitation,
  keyOf,
  newSecret,
  parseInvitation,
  seal,
  unseal,
} from './invitation.js';
export { type Joined, joinCluster } from './join.js';
export { type ListedMember, listMembers } from './listing.js';
export { Membership, votersOf } from './membership.js';
export { prepareNode } from './prepare.js';
export { serveCluster } from './serve.js';

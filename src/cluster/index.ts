export { awaitGrowth, grow, readGrowth, writeGrowth } from './growth.js';
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
export { prepareNode } from './prepare.js';
export { serveCluster } from './serve.js';

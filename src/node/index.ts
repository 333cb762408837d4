export { readNodeAddress } from './address-file.js';
export {
  certify,
  finishAuthority,
  hostsOfNode,
  makeAuthority,
  rotateAuthority,
  type TlsDirectory,
  tlsDirectory,
} from './authority-files.js';
export { type Bench, type BenchServer, type BenchView, benchOf } from './bench.js';
export * from './ca/index.js';
export { claimDirectory, type Release } from './claim.js';
export {
  type ClusterMember,
  type ClusterState,
  checkClusterState,
  type HubNode,
  readClusterFile,
  writeClusterFile,
} from './cluster-file.js';
export {
  type Credentials,
  checkCredentials,
  ensureCredentials,
  newCredentials,
  type UserCredentials,
  withPlugin,
  writeCredentials,
} from './credentials.js';
export { DiskWatch } from './disk-watch.js';
export { formatAddress, isWildcard, parseAddress } from './host-port.js';
export type { Stretches } from './misled.js';
export { startNode } from './node.js';
export { syncDirectory, writePrivately } from './private-file.js';
export { findProgram, type Program } from './program.js';
export { INBOXES } from './roles.js';
export { claimStore, filesOf, releaseStore, type StoreFiles } from './store.js';
export { checkTls, findTls, type TlsFiles } from './tls-files.js';
export type { Node, NodeLimits, NodePorts, NodeState } from './types.js';

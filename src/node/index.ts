export { readNodeAddress } from './address-file.js';
export { claimDirectory, releaseDirectory } from './claim.js';
export { startNode } from './node.js';
export type { Node } from './types.js';

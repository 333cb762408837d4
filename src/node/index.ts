export { readNodeAddress } from './address-file.js';
export { claimDirectory, type Release } from './claim.js';
export { startNode } from './node.js';
export type { Node } from './types.js';

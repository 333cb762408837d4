export { Canary, type CanaryReport } from './canary.js';
export { emptied, faultIn } from './looks.js';
export { type NetworkChanges, Networks } from './networks.js';
export type { Powers } from './powers.js';
export type { Standing } from './standing.js';
export type { NetworkStatus } from './status.js';
export { Switchboard } from './switchboard.js';

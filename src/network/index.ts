export { Canary, type CanaryReport } from './canary.js';
export { Networks } from './networks.js';
export type { Powers } from './powers.js';
export type { NetworkStatus } from './status.js';
export { Switchboard } from './switchboard.js';

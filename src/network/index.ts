export { Backoff, type BackoffOptions, DEFAULT_BACKOFF } from './backoff.js';
export { Canary, type CanaryReport } from './canary.js';
export type { CounterSnapshot } from './counters.js';
export type { HealthSnapshot, NetworkState } from './health.js';
export { type NetworkChanges, Networks, type NetworksOptions } from './networks.js';
export type { NetworkStatus } from './status.js';
export { Switchboard } from './switchboard.js';

export { Owners } from './owners.js';
export { type Lease, type Ownership, type Tenant, TIMINGS } from './types.js';

export { Owners, type OwnersOptions } from './owners.js';
export { type Lease, type Ownership, type Tenant, TIMINGS, type Timings } from './types.js';

export { type AccessOptions, type OpenAccess, openAccess } from './access.js';
export type { FirstOwnerCode } from './first-owner.js';
export { PERMISSIONS, ROLES, type Role } from './roles.js';

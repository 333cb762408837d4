import { ROLES, type Role } from '../command.js';

export function isHigher(role: Role, than: Role): boolean {
  return ROLES.indexOf(role) < ROLES.indexOf(than);
}

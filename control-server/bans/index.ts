export type { Wish } from './ban-desk.js';
export { minuteOf, parseLength } from './duration.js';
export type { NetworkBans, Place } from './enforcer.js';
export type { Refusal } from './ingress.js';
export { type Bans, type BansOptions, openBans } from './open.js';
export type { Places } from './scope.js';
export type * from './types.js';

export { type JoinOrder, keyOf, type MuteOrder, type Order, readOrder } from './order.js';
export { Orders, type OrdersOptions } from './orders.js';
export { roomsWith, withJoins } from './overlay.js';
export { LOOKING, VERB_NAMES, VERBS, type Verb, type VerbBody } from './verbs.js';

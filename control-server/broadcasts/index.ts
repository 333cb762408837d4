/** Broadcast lists: a word in any channel, and every channel of the list hears it. */

export type { Counts } from './counts.js';
export { type Broadcasts, type BroadcastsOptions, openBroadcasts } from './open.js';

export { openMover } from './mover.js';
export type { ConsumerState, Mover, SavedStream, StreamState } from './types.js';

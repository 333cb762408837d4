export { connectBus, openBus } from './bus.js';
export { type Caller, openCaller } from './caller.js';
export type { Group, Holdings, NamedGroup } from './holdings.js';
export { type Mover, openMover, type SavedStream } from './move/index.js';
export { openProbe, type Probe } from './probe.js';
export type { CopyState, ServerView } from './server-view.js';
export { DEFAULT_PREFIX, Subjects } from './subjects.js';
export type * from './types.js';
export { BUCKETS } from './types.js';

export { connectBus } from './bus.js';
export { type Caller, openCaller } from './caller.js';
export type { Group, Holdings, NamedGroup } from './holdings.js';
export { type Mover, openMover } from './move/index.js';
export { openProbe, type Probe } from './probe.js';
export { DEFAULT_PREFIX, Subjects } from './subjects.js';
export type * from './types.js';

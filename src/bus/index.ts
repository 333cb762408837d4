export { connectBus } from './bus.js';
export { DEFAULT_PREFIX } from './subjects.js';
export type * from './types.js';

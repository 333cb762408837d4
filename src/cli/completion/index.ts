export { SHELLS, scriptFor } from './shells.js';
export type { CompletionTree } from './tree.js';

export type { CliContext, Signals, Terminal } from './context.js';
export { createProgram } from './program.js';
export { runCli } from './run.js';

export { Journal } from './journal.js';
export { roomIn, type TraceAnswer, type TraceReport, traceEvent } from './report.js';
export type { Note, Stage } from './step.js';

export { Journal, type JournalOptions } from './journal.js';
export {
  type Outcome,
  roomIn,
  type TraceAnswer,
  type TracedChannel,
  type TraceReport,
  traceEvent,
} from './report.js';
export type { Note, Stage, Step } from './step.js';

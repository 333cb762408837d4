/**
 * Which batch a line is in (ircv3.net/specs/extensions/batch). Lines are handled as they come, not at the end of
 * their batch, so none is lost when a batch is nested, unknown or never closed.
 */
import { type Line, tagOf } from './line.js';
import type { Session } from './session.js';

export interface Batches {
  /** Types of the line's batch and of those around it, innermost first. */
  typesOf(line: Line): readonly string[];
}

const MOST_OPEN = 100;
const NONE: readonly string[] = [];

export function trackBatches(session: Session): Batches {
  const open = new Map<string, readonly string[]>();
  const typesOf = (line: Line): readonly string[] => {
    if (open.size === 0) return NONE;
    return open.get(tagOf(line, 'batch') ?? '') ?? NONE;
  };
  session.on('BATCH', (line) => {
    const [reference = '', type = ''] = line.params;
    const id = reference.slice(1);
    if (reference.startsWith('-')) open.delete(id);
    else if (reference.startsWith('+') && id !== '') open.set(id, [type, ...typesOf(line)].slice(0, 8));
    const [oldest] = open.keys();
    if (open.size > MOST_OPEN && oldest !== undefined) open.delete(oldest);
  });
  return { typesOf };
}

/** What became of the calls of a list. */
import type { ListRecord } from './shapes.js';

export interface Counts {
  readonly called: number;
  /** Of these. */
  readonly said: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What all gateways together counted. */
export function countsOf(records: readonly ListRecord[]): Counts {
  const refused = new Map<string, number>();
  for (const record of records) {
    for (const [reason, count] of Object.entries(record.refused)) {
      refused.set(reason, (refused.get(reason) ?? 0) + count);
    }
  }
  return {
    called: records.reduce((sum, { called }) => sum + called, 0),
    said: records.reduce((sum, { told }) => sum + told, 0),
    refused: Object.fromEntries([...refused].sort(([, a], [, b]) => b - a)),
  };
}

import type { Receipt } from '../bridge.js';
import { DeliveryError, reasonOf } from '../errors.js';
import type { Stage } from '../trace/index.js';
import type { Utterance } from './utterance.js';

/** What became of one part of one rendering. */
export interface Answer {
  readonly part: number;
  readonly rendered: Utterance['rendered'];
  /** Absent: it failed. */
  readonly receipt?: Receipt;
  readonly error?: unknown;
}

const EXCERPT_CHARS = 160;

/** Keeps the id that the network gave a part. */
export function keepName(utterance: Utterance, { part, receipt, rendered }: Answer): void {
  const id = receipt?.nativeId ?? null;
  if (id === null) return;
  utterance.natives ??= new Array<string | null>(rendered?.parts.length ?? 1).fill(null);
  utterance.natives[part] = id;
}

/** For the trace: what the network said of the part. */
export function stepOf({ part, rendered, receipt, error }: Answer): readonly [Stage, string] {
  if (receipt !== undefined) return ['confirmed', detailOf(rendered, part, receipt.nativeId ?? '')];
  const outcome = error instanceof DeliveryError ? error.outcome : 'unknown';
  return ['failed', detailOf(rendered, part, `${outcome}: ${reasonOf(error)}`)];
}

/** For the trace: the part that is handed over, and how it begins. */
export function sentDetail(rendered: Utterance['rendered'], part: number): string {
  const text = rendered?.parts[part] ?? '';
  const shown = text.length <= EXCERPT_CHARS ? text : `${text.slice(0, EXCERPT_CHARS)}…`;
  return detailOf(rendered, part, shown);
}

/** `1/2 what`: which of how many parts. */
function detailOf(rendered: Utterance['rendered'], part: number, what: string): string {
  const which = `${part + 1}/${rendered?.parts.length ?? 1}`;
  return what === '' ? which : `${which} ${what}`;
}

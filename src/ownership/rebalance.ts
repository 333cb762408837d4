import type { Candidacy } from './candidacy.js';
import type { Company } from './company.js';
import { type Candidate, preferenceOf } from './placement.js';
import type { Timings } from './types.js';

export interface Move {
  readonly network: string;
  readonly to: string;
}

/**
 * The first network of ours that should be at another gateway, which has been there steadily for long enough: sooner
 * when the network prefers it, later when it is only next in line. Null: all is well. Times are of the steady clock.
 */
export function dueMove(
  candidacies: Iterable<Candidacy>,
  company: Company,
  self: Candidate,
  timings: Timings,
  nowMs: number,
): Move | null {
  for (const { network, prefer, state, closing, pinned, heldSinceMs } of candidacies) {
    if (state !== 'holds' || closing || pinned) continue;
    const best = company.line(network, prefer, true)[0];
    if (best === undefined || best.gateway === self.gateway) continue;
    const sinceMs = Math.max(company.steadySince(best.gateway), heldSinceMs);
    const preferred = preferenceOf(prefer, best) < preferenceOf(prefer, self);
    if (nowMs - sinceMs >= (preferred ? timings.preferAfterMs : timings.spreadAfterMs))
      return { network, to: best.gateway };
  }
  return null;
}

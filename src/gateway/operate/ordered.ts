import { LOOKING } from '../../orders/index.js';
import type { Parts } from '../parts.js';
import { audited, type Who } from './audited.js';
import { checkBody, type Errand, operate } from './operate.js';

/** What somebody ordered who may: on record, unless it only looks. What is malformed is no act. */
export async function ordered(parts: Parts, errand: Errand, who: Who): Promise<object> {
  checkBody(errand);
  if (LOOKING.has(errand.verb)) return operate(parts, errand);
  return audited(parts.bus, who, errand, () => operate(parts, errand));
}

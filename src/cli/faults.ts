import type { Fault } from '../config/index.js';
import type { ParleyError } from '../errors.js';

/** The faults that an error of code CONFIG_INVALID carries. */
export function faultsOf(error: ParleyError): readonly Fault[] {
  return 'faults' in error && Array.isArray(error.faults) ? (error.faults as readonly Fault[]) : [];
}

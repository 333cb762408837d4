import type { ParleyError } from '../errors.js';

/** A fault of the config as a command shows it. */
export interface ConfigFault {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly hint: string;
}

/** The faults that an error of code CONFIG_INVALID carries. */
export function faultsOf(error: ParleyError): readonly ConfigFault[] {
  return 'faults' in error && Array.isArray(error.faults) ? (error.faults as readonly ConfigFault[]) : [];
}

/** Faults of a config: where, what was expected, what was found, how to fix it. Collected, and thrown together. */
import { LineCounter } from 'yaml';
import { ParleyError } from '../errors.js';
import type { Path } from './source-node.js';

/** One thing that is wrong. None of its texts carries a secret. */
export interface Fault {
  /** As the user named it: a path or a URL without credentials. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly col: number;
  /** `rooms.quakeworld.channels[1].direction`; empty for a fault of the whole file. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** A whole sentence, or empty. */
  readonly hint: string;
}

/** What went wrong, before its place is known. */
export interface Complaint {
  readonly expected: string;
  readonly got: string;
  readonly hint?: string;
}

/** Code CONFIG_INVALID. The message has one line for each fault, in the order of the file. */
export class ConfigError extends ParleyError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super('CONFIG_INVALID', faults.map(formatFault).join('\n'), {
      fix: 'Correct what is named above, then run `parley check`.',
    });
    this.faults = faults;
  }
}

/** `config/parley.yaml:4:11 networks.libera.port: expected a port 1-65535, got 66970. Usually 6697 (TLS).` */
export function formatFault(fault: Fault): string {
  const path = fault.path === '' ? '' : ` ${fault.path}`;
  const hint = fault.hint === '' ? '' : ` ${fault.hint}`;
  return `${fault.file}:${fault.line}:${fault.col}${path}: expected ${fault.expected}, got ${fault.got}.${hint}`;
}

/** Past this many, a reader fixes the first ones and looks again. */
const MOST_FAULTS = 1000;

/** Collects the faults of one file. */
export class Faults {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #found: Fault[] = [];
  readonly #places = new Set<string>();

  constructor(file: string, lines: LineCounter = new LineCounter()) {
    this.#file = file;
    this.#lines = lines;
  }

  /** `offset` counts characters from the start of the file. A second complaint about the same place is left out. */
  add(offset: number, path: Path, complaint: Complaint): void {
    const { line, col } = this.#lines.lineStarts.length === 0 ? START : this.#lines.linePos(offset);
    const shown = formatPath(path);
    const place = `${offset} ${shown}`;
    if (this.#places.has(place) || this.#found.length >= MOST_FAULTS) return;
    this.#places.add(place);
    const { expected, got, hint = '' } = complaint;
    this.#found.push({
      file: this.#file,
      line: Math.max(line, 1),
      col: Math.max(col, 1),
      path: shown,
      expected,
      got,
      hint,
    });
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** Throws ConfigError when there is any. */
  raise(): void {
    if (this.any) throw new ConfigError(this.sorted);
  }

  /** In the order of the file. */
  get sorted(): readonly Fault[] {
    return [...this.#found].sort((a, b) => a.line - b.line || a.col - b.col);
  }
}

const START = { line: 1, col: 1 } as const;

/** `rooms.quakeworld.channels[1]`; keys that would be ambiguous are quoted. */
function formatPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    const plain = /^[\w-]+$/.test(step);
    if (!plain) return `${shown}[${JSON.stringify(step.slice(0, 80))}]`;
    return shown === '' ? step : `${shown}.${step}`;
  }, '');
}

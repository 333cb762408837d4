/**
 * How a command answers: aligned tables and colour on a terminal, tab-separated lines in a pipe, one JSON document
 * with `--json`. Text that came from outside passes `printable` first: a chat line must not steer the terminal.
 */
import { styleText } from 'node:util';
import type { CliContext, Terminal } from './context.js';

export type Style = Parameters<typeof styleText>[0];

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}
export type Row = readonly (string | number | Cell)[];

export class Output {
  readonly json: boolean;
  readonly #stdout: Terminal;
  readonly #stderr: Terminal;
  readonly colour: boolean;

  constructor(context: Pick<CliContext, 'stdout' | 'stderr' | 'env'>, json: boolean) {
    this.json = json;
    this.#stdout = context.stdout;
    this.#stderr = context.stderr;
    this.colour = wantsColour(context.stdout, context.env);
  }

  get terminal(): boolean {
    return this.#stdout.isTTY;
  }

  /** The one JSON document of a `--json` answer, or one line of NDJSON. */
  document(value: unknown): void {
    this.#stdout.write(`${JSON.stringify(value)}\n`);
  }

  line(text = ''): void {
    this.#stdout.write(`${text}\n`);
  }

  /** For people, beside the answer: stderr, so that a pipe stays clean. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.colour ? styleText(style, text, { validateStream: false }) : text;
  }

  table(heads: readonly string[], rows: readonly Row[]): void {
    const cells = rows.map((row) => row.map(toCell));
    if (this.terminal) this.#aligned(heads, cells);
    else for (const row of cells) this.line(row.map(({ text }) => text).join('\t'));
  }

  #aligned(heads: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const widths = heads.map((head, column) =>
      Math.max(head.length, ...rows.map((row) => row[column]?.text.length ?? 0)),
    );
    const last = heads.length - 1;
    const room = this.#stdout.columns - widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
    const put = (cell: Cell, column: number) => {
      const text =
        column === last ? clip(cell.text, Math.max(room, 10)) : cell.text.padEnd(widths[column] ?? 0);
      return cell.style === undefined ? text : this.style(cell.style, text);
    };
    this.line(heads.map((text, column) => put({ text, style: 'bold' }, column)).join('  '));
    for (const row of rows) this.line(row.map(put).join('  '));
  }
}

function wantsColour(stdout: Terminal, env: CliContext['env']): boolean {
  // https://no-color.org: present and not empty, whatever its value.
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stdout.isTTY && env.TERM !== 'dumb';
}

function toCell(value: string | number | Cell): Cell {
  const cell = typeof value === 'object' ? value : { text: String(value) };
  return { ...cell, text: printable(cell.text) };
}

function clip(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** One line without control characters (C0, C1, line and bidi controls): safe on a terminal and in a tab-separated row. */
export function printable(text: string): string {
  return text
    .replace(/\r\n|[\r\n\u2028\u2029]/g, ' ⏎ ')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

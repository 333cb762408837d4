/** One line on a terminal that says how far it is; nothing in a pipe or with `--json`. */
import type { Io } from './command.js';

const MEBIBYTE = 1024 * 1024;
const EVERY_MS = 100;

export interface Progress {
  readonly show: (what: string, bytes: number) => void;
  readonly end: () => void;
}

export function showProgress({ context: { stderr }, out }: Io): Progress {
  if (!stderr.isTTY || out.json) return { show: () => {}, end: () => {} };
  let shownAt = 0;
  let width = 0;
  const write = (text: string): void => {
    stderr.write(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    show: (what, bytes) => {
      if (performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      write(`${what}  ${(bytes / MEBIBYTE).toFixed(1)} MiB`);
    },
    end: () => {
      if (width === 0) return;
      write('');
      stderr.write('\r');
    },
  };
}

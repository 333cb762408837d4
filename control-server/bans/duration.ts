/** How long a ban lasts, as people write it, and when it ends. */
import { CommandError } from '../command.js';
import { durationOf } from '../duration.js';

const LONGEST_MS = 10 * 365 * 86_400_000;

/** As `durationOf`; `permanent` → null. Throws CommandError. */
export function parseLength(text: string): number | null {
  if (/^(?:permanent|forever)$/i.test(text)) return null;
  const ms = durationOf(text);
  if (ms === null) throw new CommandError(`"${text}" is no duration. Write 30m, 2h, 3d, 1d12h or permanent.`);
  if (ms === 0) throw new CommandError('It would end at once. Write 30m, 2h, 3d or permanent.');
  if (ms > LONGEST_MS) throw new CommandError('That is longer than ten years. Write permanent.');
  return ms;
}

/** `2026-11-25 04:00 UTC`. */
export function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

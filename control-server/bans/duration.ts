/** How long a ban lasts, as people write and read it. */
import { CommandError } from '../command.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const LONGEST_MS = 10 * 365 * 86_400_000;

/** `90s`, `2h`, `1d12h`, `3d` → ms; `permanent` → null. Throws CommandError. */
export function parseLength(text: string): number | null {
  const word = text.toLowerCase();
  if (word === 'permanent' || word === 'forever') return null;
  if (!/^(?:\d{1,6}[smhdw])+$/.test(word)) {
    throw new CommandError(`"${text}" is no duration. Write 30m, 2h, 3d, 1d12h or permanent.`);
  }
  const parts = [...word.matchAll(/(\d+)([smhdw])/g)];
  const ms = parts.reduce(
    (sum, [, count = '0', unit = 's']) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  );
  if (ms === 0) throw new CommandError('It would end at once. Write 30m, 2h, 3d or permanent.');
  if (ms > LONGEST_MS) throw new CommandError('That is longer than ten years. Write permanent.');
  return ms;
}

/** The two largest units: `2d 3h`, `59m`, `5s`. */
export function lengthWords(ms: number): string {
  const units = Object.entries(UNIT_MS)
    .filter(([unit]) => unit !== 'w')
    .reverse();
  const words: string[] = [];
  let left = Math.max(ms, 1_000);
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count}${unit}`);
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.join(' ');
}

/** `2026-11-25 04:00 UTC`. */
export function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

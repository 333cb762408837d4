/** Spans of time, as people write and read them. */

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const WRITTEN_MS: Readonly<Record<string, number>> = { ...UNIT_MS, w: 7 * UNIT_MS.d, ms: 1 };

/** `500ms`, `90s`, `2h`, `1d12h`, `1w` in ms; null when it is no such duration. */
export function durationOf(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (!/^(?:\d{1,6}(?:ms|[smhdw]))+$/.test(word)) return null;
  const parts = [...word.matchAll(/(\d+)(ms|[smhdw])/g)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (WRITTEN_MS[unit] ?? 0), 0);
}

/** The two largest units: `2d 3h`, `59m`, `5s`. */
export function lengthWords(ms: number): string {
  const words: string[] = [];
  let left = Math.max(ms, UNIT_MS.s);
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count}${unit}`);
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.join(' ');
}

/** How long it is since `time` (RFC 3339): `3m 20s`. */
export function ago(time: string, nowMs = Date.now()): string {
  return lengthWords(nowMs - Date.parse(time));
}

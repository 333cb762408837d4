/** Times as people say them. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `3 min`; `time` is RFC 3339. */
export function ago(time: string, nowMs = Date.now()): string {
  return span(nowMs - Date.parse(time));
}

/** `3 min`, the largest unit of which there is at least one. */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  const [unit, size] = UNITS.find(([, each]) => whole >= each) ?? ['s', 1000];
  return `${Math.floor(whole / size)} ${unit}`;
}

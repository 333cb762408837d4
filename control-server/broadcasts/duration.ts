const DURATION = /^(\d{1,6})(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m` in ms; null when it is no such duration. */
export function durationOf(text: string): number | null {
  const [, amount = '', unit = ''] = DURATION.exec(text) ?? [];
  return amount === '' ? null : Number(amount) * (UNIT_MS[unit] ?? 0);
}

/** Texts with their places filled in, and spans of time in the community's language. Pure. */

/** In one pass: what is filled in is not looked at again. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const UNITS = [
  { unit: 'second', ms: 1_000, upTo: 100 },
  { unit: 'minute', ms: 60_000, upTo: 120 },
  { unit: 'hour', ms: 3_600_000, upTo: 48 },
] as const;
const DAY_MS = 86_400_000;

/** `4 min`: rounded up, so that who waits for so long has waited long enough. */
export function spanOf(ms: number, language: string): string {
  const fitting = UNITS.find((each) => Math.ceil(ms / each.ms) <= each.upTo);
  const { unit, ms: one } = fitting ?? { unit: 'day' as const, ms: DAY_MS };
  const count = Math.max(1, Math.ceil(ms / one));
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count);
}

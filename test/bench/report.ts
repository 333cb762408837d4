/** One measured figure beside what it is held to. */
export interface Figure {
  readonly section: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `<= 1.2` or `>= 8000`; absent: measured for comparison only. */
  readonly target?: { readonly sign: '<=' | '>='; readonly value: number };
  /** value / floor of the same run, where a floor was measured. */
  readonly timesFloor?: number;
}

export function isMet({ value, target }: Figure): boolean {
  if (target === undefined) return true;
  return target.sign === '<=' ? value <= target.value : value >= target.value;
}

/** A table for people, one figure a line. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.section,
    figure.name,
    `${round(figure.value)} ${figure.unit}`,
    figure.target === undefined ? '' : `${figure.target.sign} ${figure.target.value}`,
    figure.timesFloor === undefined ? '' : `${round(figure.timesFloor)} x floor`,
    figure.target === undefined ? '' : isMet(figure) ? 'met' : 'MISSED',
  ]);
  const header = ['section', 'figure', 'measured', 'target', '', ''];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)].join('\n');
}

function round(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What a run found, as a table for people and as JSON. */
import type { Finding } from './checker.js';
import { textOf } from './line.js';
import type { Occurrence, RunResult } from './run.js';

export interface Row {
  readonly fault: string;
  readonly times: number;
  readonly silentMs: { readonly median: number; readonly max: number };
  /** Median and longest of those that recovered. */
  readonly recoveredMs: { readonly median: number; readonly max: number };
  readonly notRecovered: number;
  readonly lost: number;
  readonly doubled: number;
  /** Most doubles of one occurrence on one network, and which. */
  readonly doubledMost: { readonly count: number; readonly network: string };
  readonly reordered: number;
  readonly overtaken: number;
}

/** Nothing lost, nothing out of order, everything flows again, and no answer that should not be. */
export function passed({ verdict, occurrences, refusals }: RunResult): boolean {
  const whole = verdict.lost.length === 0 && verdict.reordered.length === 0 && refusals.length === 0;
  return whole && occurrences.every(({ recoveredMs }) => recoveredMs !== null);
}

export function rowsOf(result: RunResult): readonly Row[] {
  const names = [...new Set(result.occurrences.map(({ fault }) => fault))].sort();
  return names.map((fault) => rowOf(fault, result));
}

function rowOf(fault: string, { occurrences, verdict }: RunResult): Row {
  const mine = occurrences.filter((one) => one.fault === fault);
  const places = new Set(occurrences.flatMap((one, place) => (one.fault === fault ? [place] : [])));
  const blamed = (findings: readonly Finding[]) => findings.filter(({ blame }) => places.has(blame));
  const recovered = mine.flatMap(({ recoveredMs }) => (recoveredMs === null ? [] : [recoveredMs]));
  const doubled = blamed(verdict.doubled);
  return {
    fault,
    times: mine.length,
    silentMs: spreadOf(mine.map(({ silentMs }) => silentMs)),
    recoveredMs: spreadOf(recovered),
    notRecovered: mine.length - recovered.length,
    lost: blamed(verdict.lost).length,
    doubled: doubled.length,
    doubledMost: mostPerNetwork(doubled),
    reordered: blamed(verdict.reordered).length,
    overtaken: blamed(verdict.overtaken).length,
  };
}

function spreadOf(values: readonly number[]): { readonly median: number; readonly max: number } {
  const sorted = [...values].sort((a, b) => a - b).map(Math.round);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}

function mostPerNetwork(findings: readonly Finding[]): Row['doubledMost'] {
  const counts = new Map<string, number>();
  for (const { blame, network } of findings) {
    const key = `${blame} ${network}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [key, count] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? ['', 0];
  return { count, network: key.split(' ').at(-1) ?? '' };
}

const SHOWN = 10;

export function formatReport(result: RunResult): string {
  const { verdict, options, skipped, refusals, settledMs } = result;
  const header = ['fault', 'times', 'silent ms', 'recovery ms', 'lost', 'doubled', 'reordered', 'overtaken'];
  const rows = rowsOf(result).map((row) => [
    row.fault,
    String(row.times),
    `${row.silentMs.median} … ${row.silentMs.max}`,
    `${row.recoveredMs.median} … ${row.recoveredMs.max}${row.notRecovered > 0 ? `, ${row.notRecovered} never` : ''}`,
    String(row.lost),
    row.doubled === 0 ? '0' : `${row.doubled}, at most ${row.doubledMost.count} (${row.doubledMost.network})`,
    String(row.reordered),
    String(row.overtaken),
  ]);
  const settled =
    settledMs === null
      ? 'NOT everything arrived'
      : `everything had arrived ${Math.round(settledMs)} ms later`;
  return [
    tableOf([header, ...rows]),
    '',
    `seed ${options.seed}, ${options.nodes} nodes, ${options.rooms} rooms, ${options.rate} lines/s; ${settled}`,
    `accepted ${verdict.accepted}, to arrive ${verdict.expected}: lost ${verdict.lost.length}, doubled ${verdict.doubled.length}, reordered ${verdict.reordered.length}, overtaken ${verdict.overtaken.length}`,
    `said on IRC and not stored (heard by nobody): ${verdict.unheard}; arrived without a promise: ${verdict.unpromised}`,
    ...[...skipped].map(([fault, why]) => `left out: ${fault} (${why})`),
    ...listed('lost', verdict.lost, result.occurrences),
    ...listed('reordered', verdict.reordered, result.occurrences),
    ...refusals.slice(0, SHOWN).map((refusal) => `refused: ${refusal}`),
  ].join('\n');
}

function listed(kind: string, findings: readonly Finding[], occurrences: readonly Occurrence[]): string[] {
  return findings.slice(0, SHOWN).map((finding) => {
    const during = occurrences[finding.blame]?.fault ?? 'no fault';
    return `${kind}: "${textOf(finding)}" at ${finding.side}, during ${during}`;
  });
}

/** For machines. */
export function reportOf(result: RunResult): unknown {
  const { options, verdict, occurrences, skipped, refusals, settledMs } = result;
  return {
    seed: options.seed,
    nodes: options.nodes,
    rooms: options.rooms,
    rate: options.rate,
    passed: passed(result),
    settledMs,
    verdict,
    rows: rowsOf(result),
    occurrences,
    skipped: Object.fromEntries(skipped),
    refusals,
  };
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/**
 * Compares what Parley accepted with what arrived at each side. Pure.
 *
 * Accepted: answered with 202, or said on IRC and found in the room's log. A line said on IRC that the log has not was
 * heard by nobody who promised anything (no bot was there, or it died before it stored the line): counted as `unheard`.
 * Order: a sender says a line only when the last one is accepted, so at each side the first arrivals of a sender must
 * count upwards. A line that came late is `reordered` when it had the same way in as one that came before it, and
 * `overtaken` when the two had been accepted by two gateways: one that keeps accepting while it is cut off from the
 * log cannot know what is accepted elsewhere; or when it came of a stretch of the log that was read again, or late, as its
 * stream said.
 * Blame: a loss belongs to the last fault that began before its line was accepted, anything else to the last one that
 * began before it arrived.
 */
import type { Line } from './line.js';

export interface Accepted extends Line {
  /** The gateway that answered 202, or whose bot heard it; null where that is not known. */
  readonly via: string | null;
  /** Milliseconds of one clock for everything here. */
  readonly atMs: number;
}

export interface Arrival extends Line {
  readonly atMs: number;
  /** A stream said itself that it belongs before others. */
  readonly late?: boolean;
}

/** One place where lines arrive: an IRC channel, or a reader of a room's stream. */
export interface Side {
  /** `two #r03`, `stream r03`. */
  readonly name: string;
  /** Doubles are counted per network: `one`, `two`, `stream`. */
  readonly network: string;
  readonly expects: (sender: string) => boolean;
  readonly arrivals: readonly Arrival[];
}

export interface Span {
  readonly fault: string;
  readonly fromMs: number;
}

export interface Evidence {
  /** What was said on IRC, accepted or not. */
  readonly said: readonly Line[];
  readonly accepted: readonly Accepted[];
  readonly sides: readonly Side[];
  /** In the order in which they began. */
  readonly faults: readonly Span[];
  /** When networks began to read a stretch of the log again. */
  readonly readings: readonly number[];
}

/** What is read again has been said by then. */
const READING_MS = 60_000;

export interface Finding extends Line {
  readonly side: string;
  readonly network: string;
  /** When it arrived out of place or again; of a loss, when it was accepted. */
  readonly atMs: number;
  /** When it arrived first; null: it never did. */
  readonly firstMs: number | null;
  /** Place in `Evidence.faults`; -1: before the first one. */
  readonly blame: number;
}

export interface Verdict {
  readonly accepted: number;
  /** Accepted lines, counted once for each side that expects them. */
  readonly expected: number;
  readonly lost: readonly Finding[];
  readonly doubled: readonly Finding[];
  readonly reordered: readonly Finding[];
  readonly overtaken: readonly Finding[];
  readonly unheard: number;
  /** Lines that arrived though nobody had promised it: a request that was given up, a line heard but not stored. */
  readonly unpromised: number;
}

type Findings = Pick<Verdict, 'lost' | 'doubled' | 'reordered' | 'overtaken'>;

export function check(evidence: Evidence): Verdict {
  const accepted = new Map(evidence.accepted.map((line) => [keyOf(line), line]));
  const perSide = evidence.sides.map((side) => checkSide(side, accepted, evidence));
  const arrived = new Set(evidence.sides.flatMap(({ arrivals }) => arrivals.map(keyOf)));
  return {
    accepted: accepted.size,
    expected: evidence.sides.reduce((sum, side) => sum + expectedAt(side, evidence.accepted).length, 0),
    lost: perSide.flatMap(({ lost }) => lost),
    doubled: perSide.flatMap(({ doubled }) => doubled),
    reordered: perSide.flatMap(({ reordered }) => reordered),
    overtaken: perSide.flatMap(({ overtaken }) => overtaken),
    unheard: evidence.said.filter((line) => !accepted.has(keyOf(line))).length,
    unpromised: [...arrived].filter((key) => !accepted.has(key)).length,
  };
}

/** What has been accepted and has not arrived yet, over all sides. */
export function missingFrom(evidence: Pick<Evidence, 'accepted' | 'sides'>): number {
  return evidence.sides.reduce((sum, side) => {
    const arrived = new Set(side.arrivals.map(keyOf));
    return sum + expectedAt(side, evidence.accepted).filter((line) => !arrived.has(keyOf(line))).length;
  }, 0);
}

function checkSide(
  side: Side,
  accepted: ReadonlyMap<string, Accepted>,
  { faults, readings }: Evidence,
): Findings {
  const arrived = new Map<string, number>();
  const found = { lost: [], doubled: [], reordered: [], overtaken: [] } as Record<keyof Findings, Finding[]>;
  const note = (kind: keyof Findings, { sender, number }: Line, atMs: number) => {
    const blame = faults.findLastIndex(({ fromMs }) => fromMs <= atMs);
    const firstMs = arrived.get(keyOf({ sender, number })) ?? null;
    found[kind].push({ sender, number, side: side.name, network: side.network, atMs, firstMs, blame });
  };
  const before = new Map<string, Line[]>();
  for (const arrival of side.arrivals) {
    const key = keyOf(arrival);
    if (arrived.has(key)) {
      note('doubled', arrival, arrival.atMs);
      continue;
    }
    arrived.set(key, arrival.atMs);
    const later = pushAndFindLater(before, arrival);
    if (later.length === 0) continue;
    const via = accepted.get(key)?.via;
    const sameWay = later.some((line) => accepted.get(keyOf(line))?.via === via);
    const isReadAgain = readings.some((atMs) => arrival.atMs >= atMs && arrival.atMs < atMs + READING_MS);
    const isLate = isReadAgain || arrival.late === true;
    note(sameWay && !isLate ? 'reordered' : 'overtaken', arrival, arrival.atMs);
  }
  for (const line of accepted.values()) {
    if (side.expects(line.sender) && !arrived.has(keyOf(line))) note('lost', line, line.atMs);
  }
  return found;
}

/** Lines of the same sender that came earlier and count higher. Kept sorted, so that an ordinary line costs one look. */
function pushAndFindLater(before: Map<string, Line[]>, arrival: Line): readonly Line[] {
  let lines = before.get(arrival.sender);
  if (lines === undefined) {
    lines = [];
    before.set(arrival.sender, lines);
  }
  const place = lines.findLastIndex(({ number }) => number < arrival.number) + 1;
  const later = lines.slice(place);
  lines.splice(place, 0, arrival);
  return later;
}

function expectedAt(side: Side, accepted: readonly Accepted[]): readonly Accepted[] {
  return accepted.filter(({ sender }) => side.expects(sender));
}

function keyOf({ sender, number }: Line): string {
  return `${sender} ${number}`;
}

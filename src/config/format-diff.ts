/** A config diff for a terminal. */
import type { Change, ChangedRoom, ConfigDiff, SectionDiff } from './diff.js';

export interface FormatOptions {
  /** ANSI colours: green for what comes, red for what goes. */
  readonly color?: boolean;
}

type Sign = '+' | '-' | '~';
type Line = readonly [sign: Sign, text: string, depth?: number];

const COLORS: Readonly<Record<Sign, string>> = { '+': '\x1b[32m', '-': '\x1b[31m', '~': '\x1b[33m' };

/** Lines such as `+ room quakeworld`, joined by line breaks. */
export function formatDiff(diff: ConfigDiff, options: FormatOptions = {}): string {
  if (diff.empty) return 'Nothing changed.';
  const lines: readonly Line[] = [
    ...sectionLines('network', diff.networks, ({ name, changes, reconnect }) => [
      ['~', `network ${name}${reconnect ? ' (reconnects)' : ''}`],
      ...changes.map(changeLine),
    ]),
    ...sectionLines('room', diff.rooms, roomLines),
    ...diff.other.flatMap(({ part, changes, restart }): readonly Line[] => [
      ['~', `${part}${restart ? ' (after a restart)' : ''}`],
      ...changes.map(changeLine),
    ]),
  ];
  return lines.map((line) => formatLine(line, options.color === true)).join('\n');
}

function sectionLines<Changed>(
  what: string,
  section: SectionDiff<Changed>,
  linesOf: (changed: Changed) => readonly Line[],
): readonly Line[] {
  return [
    ...section.added.map((name): Line => ['+', `${what} ${name}`]),
    ...section.removed.map((name): Line => ['-', `${what} ${name}`]),
    ...section.changed.flatMap(linesOf),
  ];
}

function roomLines(room: ChangedRoom): readonly Line[] {
  return [
    ['~', `room ${room.name}`],
    ...room.added.map((channel): Line => ['+', channel, 1]),
    ...room.removed.map((channel): Line => ['-', channel, 1]),
    ...room.changed.flatMap(({ channel, changes }): readonly Line[] => [
      ['~', channel, 1],
      ...changes.map((change): Line => ['~', changeText(change), 2]),
    ]),
    ...room.changes.map(changeLine),
  ];
}

function changeLine(change: Change): Line {
  return ['~', changeText(change), 1];
}

function changeText({ key, before, after, secret }: Change): string {
  if (secret) return `${key}: changed`;
  if (before === null) return `${key}: ${after} (new)`;
  return after === null ? `${key}: ${before} (removed)` : `${key}: ${before} → ${after}`;
}

function formatLine([sign, text, depth = 0]: Line, color: boolean): string {
  const line = `${'  '.repeat(depth)}${sign} ${text}`;
  return color ? `${COLORS[sign]}${line}\x1b[0m` : line;
}
